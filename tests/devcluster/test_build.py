from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from tests.devcluster.conftest import go_module

from devcluster import build, toolchain
from devcluster.errors import BuildError, NoDiskError, NoNetworkError, NoToolchainError
from devcluster.progress import PlainProgress
from devcluster.source import PACKAGES, PINNED, Source

BUILDER = Path(__file__).with_name("build_tiny.py")


@pytest.fixture
def progress() -> PlainProgress:
    return PlainProgress(Console(file=io.StringIO(), width=200))


def builder(source: Source, root: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, BUILDER, source.module, root],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_build_that_was_killed_does_not_count_and_is_done_again_once_by_two_that_come_at_once(
    tiny: Source, tmp_path: Path, environment: dict[str, str]
) -> None:
    root = tmp_path / "cache"
    with builder(tiny, root, environment) as cut_off:
        assert cut_off.stdout
        assert any(line.startswith("Compile and link ...") for line in cut_off.stdout)
        cut_off.send_signal(signal.SIGKILL)
    assert not (root / tiny.key()).exists()

    with builder(tiny, root, environment) as one, builder(tiny, root, environment) as two:
        said = [process.communicate(timeout=100)[0] for process in (one, two)]
    assert [one.returncode, two.returncode] == [0, 0]
    assert sum("Compile and link: done" in text for text in said) == 1
    program = root / tiny.key() / "one"
    ran = subprocess.run([program], capture_output=True, text=True, check=True)
    assert ran.stderr == "it runs\n"
    assert sorted(path.name for path in root.iterdir()) == [tiny.key(), f"{tiny.key()}.lock"]


def test_a_finished_build_needs_no_toolchain(
    tiny: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, progress: PlainProgress
) -> None:
    folder = tmp_path / tiny.key()
    folder.mkdir()
    (folder / "one").touch(0o755)
    without_toolchain(monkeypatch, tmp_path)
    assert build.ensure(tiny, tmp_path, progress) == folder


def test_a_build_from_which_a_program_was_removed_does_not_count(
    tiny: Source, tmp_path: Path
) -> None:
    (tmp_path / tiny.key()).mkdir()
    assert not build.is_complete(tiny, tmp_path / tiny.key())


def test_no_toolchain_is_said_with_what_to_install(
    tiny: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, progress: PlainProgress
) -> None:
    without_toolchain(monkeypatch, tmp_path)
    with pytest.raises(NoToolchainError, match=r"needs Go 1\.27\.0 .* no `go` found") as raised:
        build.ensure(tiny, tmp_path / "cache", progress)
    assert "make install" in raised.value.advice


def test_a_toolchain_that_is_too_old_is_named_with_its_version(
    tiny: Source, tmp_path: Path
) -> None:
    (tiny.module / "go.mod").write_text("module example.org/tiny\n\ngo 9.1\n")
    with pytest.raises(NoToolchainError, match=r"needs Go 9\.1 .*/go is 1\.\d+"):
        toolchain.find(tiny, tmp_path)


def test_a_full_disk_is_noticed_before_the_build(
    tiny: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, progress: PlainProgress
) -> None:
    monkeypatch.setattr(build, "SPACE", 1 << 60)
    with pytest.raises(NoDiskError, match=r"needs 1073741824 GiB .* GiB are free"):
        build.ensure(tiny, tmp_path / "cache", progress)


def test_an_unreachable_module_proxy_is_said_with_what_to_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, progress: PlainProgress
) -> None:
    source = go_module(
        tmp_path / "module",
        'import _ "example.org/absent"\n\nfunc main() {}',
        "\nrequire example.org/absent v1.0.0\n",
    )
    some = f"h1:{'0' * 43}="
    (source.module / "go.sum").write_text(
        f"example.org/absent v1.0.0 {some}\nexample.org/absent v1.0.0/go.mod {some}\n"
    )
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:1")
    with pytest.raises(NoNetworkError, match="connection refused") as raised:
        build.ensure(source, tmp_path / "cache", progress)
    assert "GOPROXY" in raised.value.advice


def test_any_other_complaint_of_the_toolchain_is_shown(
    tmp_path: Path, progress: PlainProgress
) -> None:
    source = go_module(tmp_path / "module", 'import _ "nothing/at/all"\n\nfunc main() {}')
    with pytest.raises(BuildError, match="package nothing/at/all is not in std"):
        build.ensure(source, tmp_path / "cache", progress)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("write $WORK/b001/_pkg_.a: no space left on device", NoDiskError),
        ("verifying example.org/a@v1.0.0: checksum mismatch", BuildError),
        ("Get https://proxy.example.org/a: dial tcp: i/o timeout", NoNetworkError),
        ("one/main.go:3:1: syntax error: unexpected }", BuildError),
    ],
)
def test_a_complaint_becomes_the_error_that_says_what_to_do(
    line: str, kind: type[Exception]
) -> None:
    assert type(toolchain.failure(["go: downloading x", line])) is kind


def test_ready_binaries_go_first_and_only_the_others_are_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, progress: PlainProgress
) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    (tmp_path / "etcd").touch()
    programs = build.programs(progress)
    assert programs.path("etcd") == tmp_path / "etcd"
    assert programs.path("kwok") == build.cache() / PINNED.key() / "kwok"


def test_nothing_is_built_when_all_binaries_are_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, progress: PlainProgress
) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    for program in PACKAGES:
        (tmp_path / program).touch()
    assert build.programs(progress).path("kwok") == tmp_path / "kwok"
    assert not (tmp_path / "empty").exists()


def test_the_cache_is_where_the_user_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert build.cache() == Path("/somewhere/tenantry/controlplane")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert build.cache() == Path.home() / ".cache" / "tenantry" / "controlplane"


def test_another_module_or_another_target_is_another_build(
    tiny: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {tiny.key()}
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    keys.add(tiny.key())
    (tiny.module / "go.sum").write_text("example.org/a v1.0.0 h1:=\n")
    keys.add(tiny.key())
    assert len(keys) == 3


def without_toolchain(monkeypatch: pytest.MonkeyPatch, empty: Path) -> None:
    monkeypatch.setattr(sys, "prefix", str(empty))
    monkeypatch.setenv("PATH", os.devnull)
