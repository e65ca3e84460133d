"""Probes of a component's container, with the short form and the API server's defaults written out.

Without any, a container that has a port is asked for a connection before it gets traffic, and for
nothing else: a restart because of a refused connection should be somebody's decision.
"""

from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.probes import GRPCAction, HTTPGetAction, Probe, Probes, TCPSocketAction
from tenantry.desired.applications.parts import Part

_WHEN_LEFT_OUT: Final = Probes(readiness=Probe())
_USUAL: Final = Probe()
_PATIENT: Final = Probe(period_seconds=5, failure_threshold=60)
"""Five minutes to start, found out within five seconds."""


def probes(part: Part) -> Manifest:
    """The fields of a container that are its probes; those without anything to ask are left out."""
    given = part.component.probes
    if given is None:
        given = _WHEN_LEFT_OUT if part.is_server else Probes()
    is_short = given.path is not None or given.port is not None
    wanted = {
        "livenessProbe": given.liveness or (_USUAL if is_short else None),
        "readinessProbe": given.readiness or (_USUAL if is_short else None),
        "startupProbe": given.startup or (_PATIENT if is_short else None),
    }
    made: Manifest = {}
    for name, probe in wanted.items():
        action = None if probe is None else _action(probe, given, part)
        if probe is not None and action is not None:
            made[name] = action | _timing(probe)
    return made


def _action(probe: Probe, short: Probes, part: Part) -> Manifest | None:
    if probe.exec is not None:
        return {"exec": {"command": list(probe.exec.command)}}
    if probe.grpc is not None:
        return _grpc(probe.grpc, part)
    if probe.http_get is not None:
        return _http(probe.http_get, part)
    if probe.tcp_socket is not None:
        return _tcp(probe.tcp_socket, part)
    if short.path is not None:
        get = HTTPGetAction(path=short.path, port=short.port, scheme=short.scheme)
        return _http(get, part)
    return _tcp(TCPSocketAction(port=short.port), part)


def _http(action: HTTPGetAction, part: Part) -> Manifest | None:
    port = part.pod_port(action.port)
    if port is None:
        return None
    return {"httpGet": {"path": action.path, "port": port, "scheme": action.scheme}}


def _tcp(action: TCPSocketAction, part: Part) -> Manifest | None:
    port = part.pod_port(action.port)
    return None if port is None else {"tcpSocket": {"port": port}}


def _grpc(action: GRPCAction, part: Part) -> Manifest | None:
    port = part.pod_port(action.port)
    return None if port is None else {"grpc": {"port": port, "service": action.service}}


def _timing(probe: Probe) -> Manifest:
    made: Manifest = {
        "failureThreshold": probe.failure_threshold,
        "periodSeconds": probe.period_seconds,
        "successThreshold": probe.success_threshold,
        "timeoutSeconds": probe.timeout_seconds,
    }
    if probe.initial_delay_seconds:
        made["initialDelaySeconds"] = probe.initial_delay_seconds
    return made
