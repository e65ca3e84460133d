"""Plots for docs/performance.md: SVG without background, in colours for white and black pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GREY: Final = "#808890"
COLOURS: Final = {"operator": "#2f8fe0", "raw": "#e08a1e"}
LABELS: Final = {"operator": "Tenantry", "raw": "raw client"}
PROGRAMS: Final = {
    "side": ("the client itself", "#2f8fe0"),
    "kube-apiserver": ("API server", "#8f7fd0"),
    "etcd": ("etcd", "#2fa58a"),
    "kube-controller-manager": ("controllers", "#c9577f"),
}
STYLE: Final[dict[Any, Any]] = {
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": GREY,
    "axes.titlesize": 10,
    "figure.constrained_layout.use": True,
    "font.size": 9,
    "grid.alpha": 0.25,
    "grid.color": GREY,
    "axes.grid": True,
    "legend.frameon": False,
    "legend.labelcolor": GREY,
    "lines.linewidth": 1.6,
    "savefig.transparent": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "tenantry",
    "text.color": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
}


def draw(runs: Mapping[str, Any], folder: Path) -> None:
    """Draw every plot that the runs have data for.

    Args:
        runs: what was measured, by name.
        folder: where the SVG files go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with plt.rc_context(STYLE):
        if "rate" in runs:
            _save(_rates(runs["rate"], runs["rate large"]), folder / "rate.svg")
            _save(_processor_time(runs["rate"]), folder / "cpu.svg")
            _save(_memory(runs["rate large"]), folder / "memory.svg")
        if "latency" in runs and "repair" in runs:
            _save(_latencies(runs["latency"], runs["repair"]), folder / "latency.svg")


def _rates(small: Sequence[dict[str, Any]], large: Sequence[dict[str, Any]]) -> Figure:
    figure, panels = plt.subplots(1, 2, figsize=(8, 3))
    for axes, runs in zip(panels, (small, large), strict=True):
        for run in runs:
            count = len(run["ready"])
            axes.step(
                [0, *run["ready"]], range(count + 1), color=COLOURS[run["side"]],
                where="post", label=LABELS[run["side"]], alpha=0.8,
            )  # fmt: skip
        axes.set_title(f"{len(runs[0]['ready'])} Tenants applied at once")
        axes.set_xlabel("seconds")
        axes.set_ylabel("Tenants Ready")
        _legend(axes)
    return figure


def _processor_time(runs: Sequence[dict[str, Any]]) -> Figure:
    figure, axes = plt.subplots(figsize=(8, 1.8))
    for side, label in LABELS.items():
        taken = [run for run in runs if run["side"] == side]
        left = 0.0
        for program, (name, colour) in PROGRAMS.items():
            key = side if program == "side" else program
            each = [1000 * run["cpu"][key] / run["writes"] for run in taken]
            width = sum(each) / len(each)
            axes.barh(label, width, left=left, color=colour, label=name, height=0.6)
            left += width
    axes.set_xlabel("milliseconds of CPU for each write")
    axes.grid(visible=False, axis="y")
    axes.invert_yaxis()
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    axes.legend(unique.values(), unique.keys(), ncols=4, loc="lower left", bbox_to_anchor=(0, 1))
    return figure


def _memory(runs: Sequence[dict[str, Any]]) -> Figure:
    figure, axes = plt.subplots(figsize=(8, 2.4))
    for run in runs:
        at, size = zip(*run["memory"], strict=True)
        axes.plot(at, [one / 1e6 for one in size], color=COLOURS[run["side"]],
                  label=LABELS[run["side"]])  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.set_xlabel("seconds")
    axes.set_ylabel("resident MB")
    axes.set_title(f"Memory while {len(runs[0]['ready'])} Tenants are made")
    _legend(axes)
    return figure


def _latencies(latency: Mapping[str, list[float]], repair: Mapping[str, list[float]]) -> Figure:
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
    for side, label in LABELS.items():
        _shares(left, latency[side], COLOURS[side], label)
    left.set_title("One Tenant: apply to Ready")
    _shares(right, repair["round trips"], COLOURS["raw"], "one write")
    _shares(right, repair["idle"], COLOURS["operator"], "restored, idle cluster")
    if repair["busy"]:
        _shares(right, repair["busy"], PROGRAMS["kube-controller-manager"][1], "restored, busy")
    right.set_xscale("log")
    right.set_title("A deleted object")
    for axes in (left, right):
        axes.set_xlabel("milliseconds")
        axes.set_ylabel("share of all")
        _legend(axes)
    return figure


def _shares(axes: Axes, seconds: Sequence[float], colour: str, label: str) -> None:
    axes.ecdf([1000 * one for one in seconds], color=colour, label=label)


def _legend(axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    axes.legend(unique.values(), unique.keys())


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
