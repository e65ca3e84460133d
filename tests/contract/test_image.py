"""What the Dockerfile promises, read off it; that it builds and runs is `make image-test`'s."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from examples import ROOT
from image import engine, figures, sbom
from image.engine import ImageError, Plan

DOCKERFILE = (ROOT / "Dockerfile").read_text()
LINES = re.sub(r"\\\n\s*", "", DOCKERFILE).splitlines()
STAGES = [line for line in LINES if line.startswith("FROM ")]
LAST = LINES[LINES.index(STAGES[-1]) :]
PLAN = Plan(
    root=ROOT,
    tag="tenantry:0",
    version="0",
    revision="abc",
    epoch=1,
    platform="linux/arm64",
    arguments={"BASE_IMAGE": "base"},
    labels={},
)


def _of(instruction: str, lines: list[str] = LAST) -> list[str]:
    return [one.partition(" ")[2] for one in lines if one.startswith(f"{instruction} ")]


def test_every_base_is_an_argument_pinned_by_digest() -> None:
    arguments = dict(one.split("=", 1) for one in _of("ARG", LINES) if "_IMAGE=" in one)

    assert arguments.keys() == {"BUILD_IMAGE", "BASE_IMAGE"}
    assert all(re.search(r"@sha256:[0-9a-f]{64}$", one) for one in arguments.values())
    used = {word for line in STAGES for word in line.split()[1:] if not word.startswith("--")}
    assert used == {"${BASE_IMAGE}", "${BUILD_IMAGE}", "AS", "base", "build"}


def test_it_runs_as_a_number_that_is_not_root() -> None:
    (user,) = _of("USER")

    assert all(int(part) > 0 for part in user.split(":"))
    (variables,) = _of("ENV")
    assert "USER=tenantry" in variables, "another number may have no name"


def test_what_runs_is_started_without_a_shell() -> None:
    (entry,) = _of("ENTRYPOINT")
    (arguments,) = _of("CMD")

    assert json.loads(entry) == ["python3", "-P", "-m", "tenantry"]
    assert json.loads(arguments) == ["run"]
    assert not _of("RUN"), "what has no shell cannot run anything while it is built"
    assert not _of("ADD", LINES)


def test_packages_are_the_locked_ones_by_hash_and_never_built_from_source() -> None:
    installing = [one for one in _of("RUN", LINES) if "pip install" in one and "/wheel/" not in one]

    assert len(installing) == 2
    assert all("--require-hashes" in one and "--only-binary=:all:" in one for one in installing)
    assert "uv export --quiet --locked" in installing[1]


def test_uv_is_the_one_of_the_makefile_pinned_by_hash_for_both_architectures() -> None:
    pinned = (ROOT / "tools/image/uv.txt").read_text()
    (version,) = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert re.findall(r"^uv==(\S+) ", pinned, re.MULTILINE) == [version]
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", pinned)) >= 2


def test_labels_are_those_of_oci_and_say_the_projects_own() -> None:
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\S+?)="([^"]*)"', DOCKERFILE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert labels["title"] == project["name"]
    assert labels["licenses"] == project["license"]
    assert project["description"].startswith(labels["description"].rstrip("."))
    assert {"version", "revision", "created", "base.name"} <= labels.keys()
    assert f"VERSION={project['version']}" in _of("ARG")


def test_nothing_gets_into_the_build_but_what_is_copied() -> None:
    rules = [
        one for one in (ROOT / ".dockerignore").read_text().splitlines() if not one.startswith("#")
    ]
    copied = {
        path.removeprefix("./").partition("/")[0]
        for one in _of("COPY", LINES)
        if "--from" not in one
        for path in one.split()[:-1]
    }

    assert rules[0] == "*"
    assert {one[1:] for one in rules if one.startswith("!") and "/" not in one} == copied


def test_nothing_that_the_operator_imports_is_left_out_of_the_image() -> None:
    """Of Kubernetes' client; in a process of its own, for tests import more than the operator."""
    program = (
        "import sys, tenantry.cli, tenantry.handlers.operator, tenantry.gathering; "
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    modules = done.stdout.split()
    left_out = re.findall(r"(kubernetes/\S+/api)\b", DOCKERFILE)

    assert left_out == ["kubernetes/client/api", "kubernetes/aio/client/api"]
    assert "kubernetes.aio.client" in modules
    for folder in left_out:
        package = folder.replace("/", ".")
        assert not [one for one in modules if f"{one}.".startswith(f"{package}.")]


@pytest.mark.parametrize("name", ["docker", "podman", "buildah"])
def test_each_engine_is_told_the_same(name: str) -> None:
    line = engine.command(name, PLAN)

    assert line[0] == name
    assert line[-1] == str(ROOT)
    for argument in (
        "--tag=tenantry:0",
        "--platform=linux/arm64",
        "--build-arg=BASE_IMAGE=base",
        "--build-arg=REVISION=abc",
        "--build-arg=SOURCE_DATE_EPOCH=1",
        "--build-arg=CREATED=1970-01-01T00:00:01Z",
    ):
        assert argument in line


def _program(folder: Path, name: str, code: int) -> None:
    """Something that is called like an engine, and answers with an exit code."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho cannot connect to the daemon >&2\nexit {code}\n")
    path.chmod(0o755)


def test_an_engine_that_is_installed_and_does_not_answer_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path, "docker", 1)
    _program(tmp_path, "buildah", 0)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")

    assert engine.choose() == "buildah"
    with pytest.raises(ImageError, match="docker: cannot connect to the daemon"):
        engine.choose("docker")


def test_without_an_engine_one_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ImageError, match="docker: not installed; podman: not inst") as caught:
        engine.choose()
    assert "apt-get install buildah" in caught.value.advice
    with pytest.raises(ImageError, match="kaniko: not one of docker, podman, buildah"):
        engine.choose("kaniko")


def _installed(folder: Path, name: str, *lines: str) -> None:
    about = folder / f"{name}-1.dist-info"
    about.mkdir()
    text = "\n".join(["Metadata-Version: 2.4", f"Name: {name}", "Version: 1", *lines, ""])
    (about / "METADATA").write_text(text)


def _component(name: str) -> dict[str, Any]:
    return {"type": "library", "bom-ref": f"{name}@1", "name": name, "version": "1"}


def test_the_bill_of_materials_has_what_is_installed_with_its_licence_and_the_same_text_each_time(
    tmp_path: Path,
) -> None:
    dpkg = tmp_path / "dpkg"
    (dpkg / "status.d").mkdir(parents=True)
    (dpkg / "status.d/libc6").write_text("Package: libc6\nVersion: 2.41-12\nArchitecture: amd64\n")
    folder = tmp_path / "installed"
    folder.mkdir()
    _installed(folder, "tenantry", "License-Expression: Apache-2.0")
    _installed(folder, "Some.Lib", "Classifier: License :: OSI Approved :: MIT License")
    locked = {
        "bomFormat": "CycloneDX",
        "serialNumber": "urn:uuid:random",
        "metadata": {"timestamp": "now", "component": _component("tenantry")},
        "components": [_component("some-lib"), _component("for-windows")],
        "dependencies": [
            {"ref": "tenantry@1", "dependsOn": ["some-lib@1", "for-windows@1"]},
            {"ref": "for-windows@1"},
        ],
    }

    made = sbom.document(locked, folder, dpkg, 0)

    assert "serialNumber" not in made
    assert made["metadata"]["timestamp"] == "1970-01-01T00:00:00Z"
    assert made["metadata"]["component"]["licenses"] == [{"expression": "Apache-2.0"}]
    library, debian = made["components"]
    assert library["licenses"] == [{"license": {"name": "MIT License"}}]
    assert debian["purl"] == "pkg:deb/debian/libc6@2.41-12?arch=amd64"
    assert made["dependencies"] == [{"ref": "tenantry@1", "dependsOn": ["some-lib@1"]}]
    _installed(folder, "stowaway")
    with pytest.raises(ValueError, match="installed and not locked: stowaway"):
        sbom.document(locked, folder, dpkg, 0)


def test_figures_take_the_place_of_those_of_before(tmp_path: Path) -> None:
    page = tmp_path / "image.md"
    page.write_text(f"before\n{figures.BEGIN}\nold\n{figures.END}\nafter\n")

    figures.write(page, {"Size": "1 MB"})
    figures.write(page, {"Size": "2 MB"})

    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| Size | 2 MB |" in text
    assert "1 MB" not in text
    assert figures.BEGIN in (ROOT / "docs/image.md").read_text()
