"""Traces, from looks and requests to a collector that takes OTLP over HTTP."""

import asyncio
import socket
import subprocess
import sys
import time
from importlib.metadata import version

import pytest

from otlp import Collector
from tenantry.cluster.errors import Forbidden
from tenantry.handlers.supervision import OperatorFailed
from tenantry.handlers.traced import Traces, traced
from tenantry.outcomes import Failure
from tenantry.reconcile import Result
from tenantry.telemetry import tracing


class Reconciler:
    """Looks at objects by two requests, at the same time."""

    def __init__(self, traces: Traces) -> None:
        self.heard: list[tuple[str, str, int]] = []
        self._observe = traces.beside(lambda verb, kind, code, _: self._hear(verb, kind, code))

    def _hear(self, verb: str, kind: str, code: int) -> None:
        self.heard.append((verb, kind, code))

    async def reconcile(self, name: str, *, urgent: bool = False) -> Result:
        await asyncio.gather(self._ask("create", 201), self._ask("patch", 403))
        if name == "gone":
            raise Forbidden("no", code=403)
        if name == "broken":
            return Result((Failure("RoleBinding", "Forbidden", "not you", is_transient=False),), 1)
        return Result(changes=2 if urgent else 0)

    async def _ask(self, verb: str, code: int) -> None:
        self._observe(verb, "RoleBinding", code, 0.25)

    async def confess(self, name: str, reason: str, message: str) -> Result:
        return Result((Failure(name, reason, message),))


async def test_a_look_is_a_span_and_its_requests_are_within_it() -> None:
    async with Collector.started() as collector:
        async with traced(collector.url) as traces:
            reconciler = Reconciler(traces)
            looks = traces.around(reconciler, "tenant")
            await asyncio.gather(looks.reconcile("acme", urgent=True), looks.reconcile("broken"))
            with pytest.raises(Forbidden):
                await looks.reconcile("gone")
            assert (await looks.confess("acme", "InternalError", "oh")).failures

        found = {
            one.attributes["tenantry.tenant"]: one for one in collector.spans if not one.parent
        }
        acme, broken, gone = (found[name] for name in ("acme", "broken", "gone"))
        assert {one.name for one in found.values()} == {"reconcile tenant"}
        assert (acme.attributes["tenantry.urgent"], acme.attributes["tenantry.changes"]) == (
            True,
            2,
        )
        assert acme.attributes["service.name"] == "tenantry"
        assert acme.attributes["service.version"] == version("tenantry")
        assert [one.is_error for one in (acme, broken, gone)] == [False, True, True]
        assert broken.attributes["tenantry.reasons"] == ["Forbidden"]
        for look in (acme, broken, gone):
            requests = {one.name: one for one in collector.within(look)}
            assert {one.trace for one in requests.values()} == {look.trace}
            assert requests.keys() == {"create RoleBinding", "patch RoleBinding"}
            made, refused = requests["create RoleBinding"], requests["patch RoleBinding"]
            assert made.attributes["http.response.status_code"] == 201
            assert made.seconds == pytest.approx(0.25, abs=0.01)
            assert (made.is_error, refused.is_error) == (False, True)
    assert len(reconciler.heard) == 6


async def test_a_collector_that_is_not_there_holds_nobody_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and never answers
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with traced(url) as traces:
            looks = traces.around(Reconciler(traces), "tenant")
            await asyncio.wait_for(looks.reconcile("acme"), 0.5)
            ending = time.monotonic()
    assert time.monotonic() - ending < 2 * tracing.PATIENCE + 1


async def test_without_an_endpoint_looks_and_requests_are_as_they_were() -> None:
    async with traced(None) as traces:
        reconciler = Reconciler(traces)

        assert traces.around(reconciler, "tenant") is reconciler
        assert traces.beside(reconciler._observe) is reconciler._observe


def test_an_operator_without_traces_does_not_even_import_what_makes_them() -> None:
    program = "import sys, tenantry.handlers.operator; print('opentelemetry' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert said.stdout == b"False\n"


async def test_who_asks_for_traces_without_the_packages_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "tenantry.telemetry.tracing")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    with pytest.raises(OperatorFailed, match=r"pip install 'tenantry\[tracing\]'"):
        async with traced("http://127.0.0.1:4318"):
            pass
