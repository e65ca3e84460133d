"""What a user installs: the wheel, in an environment with nothing but what it asks for."""

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]


def _uv() -> str:
    """The uv that runs the tests, one on the PATH, or the one that the Makefile installs."""
    found = os.environ.get("UV") or shutil.which("uv") or str(ROOT / "build/uv/bin/uv")
    if not Path(found).exists():
        pytest.fail("uv is needed, on the PATH or in build/uv: run this by 'make unit'")
    return found


def _build(*arguments: str, **environment: str) -> None:
    subprocess.run(
        [_uv(), *arguments, "--quiet"], cwd=ROOT, env=os.environ | environment, check=True
    )


@pytest.fixture(scope="module")
def tenantry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, installed from the wheel beside the locked dependencies and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    venv = folder / "venv"
    _build("build", "--wheel", "--out-dir", str(folder))
    _build(
        "sync",
        "--locked",
        "--no-default-groups",
        "--no-install-project",
        UV_PROJECT_ENVIRONMENT=str(venv),
    )
    (wheel,) = folder.glob("tenantry-*.whl")
    _build("pip", "install", "--offline", "--no-deps", "--python", str(venv), str(wheel))
    return venv / "bin/tenantry"


def _run(command: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    bare = {"PATH": os.environ["PATH"], "HOME": str(command.parent)}
    return subprocess.run(
        [command, *arguments],
        cwd=command.parent,
        env=bare,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_wheel_prints_its_help(tenantry: Path) -> None:
    assert "Usage: tenantry [OPTIONS] COMMAND" in _run(tenantry, "--help").stdout
    assert "--leader-elect" in _run(tenantry, "run", "-h").stdout


def test_the_wheel_knows_its_version(tenantry: Path) -> None:
    found = json.loads(_run(tenantry, "version", "-o", "json").stdout)

    assert f'\nversion = "{found["version"]}"\n' in (ROOT / "pyproject.toml").read_text()


def test_the_wheel_prints_the_crds(tenantry: Path) -> None:
    documents = list(yaml.safe_load_all(_run(tenantry, "crds").stdout))

    assert "tenants.tenantry.io" in [one["metadata"]["name"] for one in documents]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_wheel_completes(tenantry: Path, shell: str) -> None:
    assert "_TENANTRY_COMPLETE" in _run(tenantry, "completion", shell).stdout


def test_the_wheel_has_all_that_the_operator_imports(tenantry: Path) -> None:
    result = _run(tenantry, "run", "--kubeconfig", "none.yaml", "--listen", "127.0.0.1:0")

    assert result.returncode == 1
    assert "ConnectionFailed" in result.stderr
    assert "ImportError" not in result.stderr


def test_the_wheel_is_typed(tenantry: Path) -> None:
    assert list(tenantry.parents[1].glob("lib/python*/site-packages/tenantry/py.typed"))


def test_the_wheel_has_what_makes_the_meters_tables(tenantry: Path, tmp_path: Path) -> None:
    database = tmp_path / "meter.db"
    nowhere = ("--kubeconfig", str(tmp_path / "none"), "--log-format", "console")
    done = _run(tenantry, "meter", "--database", f"sqlite:///{database}", *nowhere)

    assert done.returncode == 1
    assert "there is no such file" in done.stderr
    with closing(sqlite3.connect(database)) as made:
        assert made.execute("SELECT count(*) FROM buckets").fetchone() == (0,)
