"""Waiting for a control plane to be usable, and noticing at once when it never will be."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

from devcluster import nodes
from devcluster.errors import ComponentError, PortTakenError
from devcluster.ports import HOST, holder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from devcluster.api import Api
    from devcluster.layout import Layout
    from devcluster.processes import Running

PATIENCE: Final = 60.0
"""Seconds for a start. On two idle cores it takes four; a machine that runs a test suite meanwhile
needs more."""
INTERVAL: Final = 0.03
"""Seconds between two looks, so that waiting adds nothing a person or a test notices."""
TAIL: Final = 8
"""Lines of a log that an error shows."""
TAKEN: Final = re.compile(r"(?::(\d+))?: bind: address already in use")


def until(
    probe: Callable[[], bool], what: str, check: Callable[[], None], patience: float = PATIENCE
) -> None:
    """Wait until a probe says yes.

    Args:
        probe: Asked again and again.
        what: What is awaited, for the error.
        check: Called between; raises if waiting is in vain.
        patience: Seconds to wait.

    Raises:
        ComponentError: It did not happen in time.
    """
    deadline = time.monotonic() + patience
    while not probe():
        check()
        if time.monotonic() > deadline:
            raise ComponentError(
                f"{what} is not ready after {patience:.0f} s.",
                "See the logs. Is the machine busy, or short of memory?",
            )
        time.sleep(INTERVAL)


def all_alive(running: Iterable[Running], layout: Layout) -> None:
    """Check that every program still runs.

    Raises:
        PortTakenError: One ended because its port is taken.
        ComponentError: One ended.
    """
    for one in running:
        if one.find() is None:
            log = layout.log(one.name)
            text = log.read_text(errors="replace") if log.exists() else ""
            raise ended(one.name, text)


def ended(name: str, log: str) -> ComponentError | PortTakenError:
    """Say why a program ended, from its log."""
    if taken := TAKEN.search(log):
        port = int(taken[1]) if taken[1] else None
        by = (port and holder(port)) or "another program"
        return PortTakenError(
            f"{name} could not listen: port {port or ''} on {HOST} was taken by {by} meanwhile.",
            "Start again: it gets other ports.",
        )
    tail = "\n".join(log.splitlines()[-TAIL:])
    return ComponentError(
        f"{name} ended. Its log's last lines:\n{tail}", "The log says why; start again."
    )


def api_ready(api: Api) -> bool:
    """Tell whether the API server serves, with etcd behind it and its own roles in place."""
    return api.answers("/readyz")


def controllers_ready(api: Api, ports: Mapping[str, int]) -> bool:
    """Tell whether the controller manager and the scheduler are healthy."""
    return all(
        api.answers(path, f"https://{HOST}:{ports[name]}")
        for name, path in (("kube-controller-manager", "/healthz"), ("kube-scheduler", "/readyz"))
    )


def workloads_ready(api: Api, count: int) -> bool:
    """Tell whether a pod made now would run: nodes take it, and its service account exists."""
    account = "/api/v1/namespaces/default/serviceaccounts/default"
    return nodes.all_usable(api, count) and api.get(account) is not None
