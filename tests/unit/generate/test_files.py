from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generate import files
from generate.__main__ import main

CRD = "crds/tenantry.io_tenants.yaml"


def generate(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), *arguments])


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository in which everything has been generated."""
    assert generate(tmp_path).exit_code == 0
    return tmp_path


def test_every_file_is_written_with_the_command_that_writes_it(repository: Path) -> None:
    written = {
        str(path.relative_to(repository)) for path in repository.rglob("*") if path.is_file()
    }

    assert written == {
        CRD,
        "crds/tenantry.io_applications.yaml",
        "crds/tenantry.io_ratecards.yaml",
        "docs/reference/application.md",
        "docs/reference/configuration.md",
        "docs/reference/metrics.md",
        "docs/reference/ratecard.md",
        "docs/reference/tenant.md",
        "examples/reference/application.yaml",
        "examples/reference/ratecard.yaml",
        "examples/reference/tenant.yaml",
        "helm/tenantry/README.md",
        "helm/tenantry/files/crds/tenantry.io_applications.yaml",
        "helm/tenantry/files/crds/tenantry.io_ratecards.yaml",
        "helm/tenantry/files/crds/tenantry.io_tenants.yaml",
        "helm/tenantry/files/dashboards/operator.json",
        "helm/tenantry/files/dashboards/tenants.json",
        "helm/tenantry/files/mutating-policies.yaml",
        "helm/tenantry/files/validating-policies.yaml",
        "helm/tenantry/values.schema.json",
        "helm/tenantry/values.yaml",
    }
    assert all("`make generate`" in (repository / path).read_text() for path in written)


def test_generating_again_writes_nothing(repository: Path) -> None:
    again = generate(repository)

    assert (again.exit_code, again.output) == (0, "")


def test_checking_what_was_generated_finds_nothing(repository: Path) -> None:
    checked = generate(repository, "--check")

    assert (checked.exit_code, checked.output) == (0, "")


def test_checking_names_the_stale_file_and_the_command_and_writes_nothing(
    repository: Path,
) -> None:
    (repository / CRD).write_text("old")

    checked = generate(repository, "--check")

    assert checked.exit_code == 1
    assert checked.output.splitlines() == [
        f"{CRD} is stale",
        "Run `make generate` and commit what it wrote.",
    ]
    assert (repository / CRD).read_text() == "old"


def test_checking_names_a_missing_file(repository: Path) -> None:
    (repository / CRD).unlink()

    assert f"{CRD} is stale" in generate(repository, "--check").output


def test_a_file_of_a_kind_that_is_no_more_is_removed(repository: Path) -> None:
    left_over = repository / "crds" / "tenantry.io_olds.yaml"
    left_over.write_text(f"# Generated from models {files.MARK}.\n")

    assert "tenantry.io_olds.yaml should not be there" in generate(repository, "--check").output
    assert "tenantry.io_olds.yaml removed" in generate(repository).output
    assert not left_over.exists()


def test_a_file_that_people_write_is_left_alone(repository: Path) -> None:
    (repository / "docs" / "reference" / "glossary.md").write_text("# Glossary\n")

    assert generate(repository, "--check").exit_code == 0
