"""The benchmark at a tiny scale: that it runs, and what it writes; never how fast anything was."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import page
from examples import ROOT

EXPECTED = {
    "rate": {"rate", "rate-large", "memory"},
    "latency": {"latency"},
    "repair": {"repair", "repair-busy"},
    "restart": {"restart", "restart-writes", "idle-writes", "idle-cpu"},
    "quota": {
        "quota-wait",
        "quota-wait-most",
        "quota-hammer",
        "quota-hammer-most",
        "quota-in-use",
        "quota-allowed",
    },
    "policies": {"policies-pods", "policies-namespaces"},
    "applications": {
        "applications-rate",
        "applications-latency",
        "applications-health",
        "applications-health-most",
    },
    "meter": {"meter-memory", "meter-exact", "meter-month"},
}


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a quick run writes."""
    output = tmp_path_factory.mktemp("bench") / "bench.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--tenants", "6", "-o", str(output)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "tools")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written: dict[str, Any] = json.loads(output.read_bytes())
    return written


@pytest.mark.timeout(320)
def test_every_measure_is_reported_with_its_target(content: dict[str, Any]) -> None:
    measures = {one["name"]: one for one in content["measures"]}
    assert measures.keys() == set().union(*EXPECTED.values())
    for one in measures.values():
        assert one["value"] >= 0
        assert one["sense"] in {"at least", "at most"}
        reached = (
            one["value"] >= one["target"]
            if one["sense"] == "at least"
            else (one["value"] <= one["target"])
        )
        assert one["met"] is reached


def test_both_sides_made_every_write_that_the_tenants_need(content: dict[str, Any]) -> None:
    for run in (*content["runs"]["rate"], *content["runs"]["rate large"]):
        tenants = len(run["ready"])
        # Tenant, finalizer, status, Event, ClusterRole and its binding; in each of three
        # namespaces eight objects. Events are written in the background, so not all of them may be
        # there when the last Tenant is Ready.
        assert 29 * tenants <= run["writes"] <= 30 * tenants, run["side"]
        assert run["refused"] == {}


def test_both_sides_made_every_write_that_the_applications_need(content: dict[str, Any]) -> None:
    for run in content["runs"]["applications"]:
        applications = len(run["ready"])
        assert applications == content["scale"]["applications"]
        # Application, status, two Events; what closes its namespace to it; 34 objects.
        assert 38 * applications <= run["writes"] <= 40 * applications, run["side"]
        assert run["refused"] == {}


def test_a_restart_with_nothing_changed_and_idleness_write_nothing(content: dict[str, Any]) -> None:
    assert content["runs"]["rest"]["writes after restart"] == {}
    assert content["runs"]["rest"]["writes when idle"] == {}


def test_processor_time_is_told_for_each_program(content: dict[str, Any]) -> None:
    for run in content["runs"]["rate"]:
        assert {run["side"], "kube-apiserver", "etcd"} <= run["cpu"].keys()
    for run in content["runs"]["applications"]:
        assert "kube-controller-manager" not in run["cpu"]


def test_the_run_says_where_and_at_what_scale_it_was(content: dict[str, Any]) -> None:
    assert content["schema"] == 1
    assert content["scale"]["tenants"] == 6
    assert content["machine"]["cpus"] == os.cpu_count()
    assert {"tenantry", "kopf", "kubernetes"} <= content["machine"]["packages"].keys()


def test_the_figures_have_a_row_for_each_measure(content: dict[str, Any]) -> None:
    rows = [line for line in page.figures(content).splitlines() if line.startswith("| ")]
    assert len(rows) == len(content["measures"]) + 2


def test_the_page_has_the_place_for_the_figures() -> None:
    text = Path(page.PAGE).read_text(encoding="utf-8")
    assert text.index(page.BEGIN) < text.index(page.END)


def test_plots_are_drawn_of_what_was_measured(content: dict[str, Any], tmp_path: Path) -> None:
    page.plots.draw(content["runs"], tmp_path)
    drawn = {path.name for path in tmp_path.iterdir()}
    assert drawn == {"rate.svg", "cpu.svg", "memory.svg", "latency.svg"}


@pytest.mark.parametrize("flag", ["--only nothing", "--rounds 0", "--set workers"])
def test_a_wrong_flag_is_refused_before_anything_starts(flag: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", *flag.split()],
        env=os.environ | {"PYTHONPATH": str(ROOT / "tools")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert flag.partition(" ")[0] in done.stderr
