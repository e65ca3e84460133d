"""``make demo`` as people meet it: played, pasted from, played again, interrupted, contradicted."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from examples import ROOT

SECTIONS = (
    "What two manifests became",
    "Isolation: acme-prod",
    "Quota",
    "Access",
    "Labels",
    "Drift",
    "Another tenant's owner",
    "Yours to try",
)
LAST = "make cluster-down"
ESCAPE = "\x1b"


@dataclass(frozen=True)
class Theatre:
    """A folder that looks like the repository, with a cluster of its own."""

    folder: Path

    def python(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT / "tools"), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def play(self) -> tuple[int, str]:
        """Play the demo; gives its exit code and what it said."""
        process = self.python("demo")
        said, _ = process.communicate()
        return process.returncode, said

    def operators(self) -> list[psutil.Process]:
        """What runs ``tenantry`` on this cluster."""
        mark = str(self.folder / ".devcluster")
        found = []
        for process in psutil.process_iter(["cmdline"]):
            line = process.info["cmdline"] or []
            if "run" in line and any(mark in argument for argument in line):
                found.append(process)
        return found

    def kubectl(self, *arguments: str) -> None:
        kubeconfig = str(self.folder / ".devcluster" / "kubeconfig")
        program = Path(sys.executable).with_name("kubectl")
        subprocess.run([program, "--kubeconfig", kubeconfig, *arguments], check=True)


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    folder = tmp_path_factory.mktemp("demo").resolve()
    for name in ("examples", "crds", ".venv"):
        (folder / name).symlink_to(ROOT / name)
    one = Theatre(folder)
    try:
        yield one
    finally:
        one.python("devcluster", "down").communicate()


@pytest.fixture(scope="module")
def first(theatre: Theatre) -> tuple[int, str]:
    """The demo on a machine where nothing runs yet."""
    return theatre.play()


@pytest.mark.timeout(180)
def test_it_plays_to_the_end(first: tuple[int, str]) -> None:
    code, said = first

    assert code == 0, said
    for section in SECTIONS:
        assert f"\n{section} ─" in said, said
    assert re.search(r"acme +True +Active +3/3 +0/0 +600m/12 +768Mi/24Gi", said), said
    assert re.search(r"Ready \d+ ms after they were made", said), said


def test_it_has_no_colours_where_there_is_no_terminal(first: tuple[int, str]) -> None:
    assert ESCAPE not in first[1]


def test_access_is_told_to_come_last(first: tuple[int, str]) -> None:
    told = " ".join(first[1].split())

    assert re.search(r"namespaces 0 → .*networkpolicies \d+.* → rolebindings \d+ ", told), told


def test_each_repair_is_told_with_its_time(first: tuple[int, str]) -> None:
    made = r" (\d+) +tenantry-system:tenantry +create networkpolicies/tenantry in acme-prod"
    patched = r" (\d+) +tenantry-system:tenantry +patch resourcequotas/tenantry in globex-web"

    assert re.search(made, first[1]), first[1]
    assert re.search(patched, first[1]), first[1]


def test_each_refusal_is_told_in_the_api_servers_words(first: tuple[int, str]) -> None:
    told = " ".join(first[1].split())

    assert told.count(" refused kubectl ") == 6
    assert told.count("is forbidden: ") == 6
    assert "configmap/greeting created (server dry run)" in told


@pytest.mark.timeout(180)
def test_what_it_offers_to_try_works_when_pasted(theatre: Theatre, first: tuple[int, str]) -> None:
    lines = first[1].partition("Yours to try")[2].splitlines()
    commands = [line for line in lines if re.match(r"(export|kubectl|tail|curl) ", line)]
    assert LAST in lines
    assert len(commands) == 12

    for command in commands[1:]:
        script = f"set -eu -o pipefail; {commands[0]}\n{command}"
        done = subprocess.run(
            ["bash", "-c", script], cwd=theatre.folder, capture_output=True, text=True, check=False
        )
        is_refusal = "user-globex-owner" in command
        assert (done.returncode != 0) is is_refusal, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.timeout(180)
def test_it_plays_again_on_a_cluster_that_was_played_with(
    theatre: Theatre,
    first: tuple[int, str],  # noqa: ARG001 - it has been played
) -> None:
    before = theatre.operators()
    theatre.kubectl("patch", "tenant", "acme", "--type=merge", '-p={"spec":{"suspend":true}}')

    code, said = theatre.play()

    assert code == 0, said
    assert "up already" in said
    assert len(theatre.operators()) == 1
    assert theatre.operators() != before


@pytest.mark.timeout(180)
def test_it_fails_when_something_is_not_as_it_tells(
    theatre: Theatre,
    first: tuple[int, str],  # noqa: ARG001
) -> None:
    theatre.kubectl(
        *("create", "rolebinding", "hole", "-n", "acme-prod"),
        *("--clusterrole=admin", "--group=globex-owners"),
    )
    try:
        code, said = theatre.play()
    finally:
        theatre.kubectl("delete", "rolebinding", "hole", "-n", "acme-prod")

    assert code == 1
    assert "`kubectl get secrets -n acme-prod` is refused." in said, said


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What is started can be interrupted, though the tests run in a shell's background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("moment", ["two tenants on one", "✓ Control plane", "✓ Operator"])
def test_it_ends_well_when_interrupted(
    moment: str,
    theatre: Theatre,
    first: tuple[int, str],  # noqa: ARG001
) -> None:
    process = theatre.python("demo")
    assert process.stdout is not None
    assert any(moment in line for line in process.stdout)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate()

    assert process.returncode == 130, said
    assert "Interrupted. What is up stays up" in said
    assert "Traceback" not in said


@pytest.mark.timeout(180)
def test_the_operator_ends_with_the_cluster(
    theatre: Theatre,
    first: tuple[int, str],  # noqa: ARG001
) -> None:
    down = theatre.python("devcluster", "down")
    said, _ = down.communicate()

    assert down.returncode == 0, said
    assert not theatre.operators()
    assert not (theatre.folder / ".devcluster").exists()
