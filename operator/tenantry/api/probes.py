"""How the kubelet finds out whether a container runs, in core/v1's terms, and their short form."""

from typing import Annotated, Literal

from pydantic import Field

from tenantry.api.base import Model
from tenantry.api.markers import list_atomic, rule, rules
from tenantry.api.network import PORT_NAME

PortNumber = Annotated[int, Field(ge=1, le=65535)]
PortName = Annotated[str, Field(min_length=1, max_length=15, pattern=PORT_NAME)]
PortReference = PortNumber | Annotated[str, Field(max_length=15, pattern=PORT_NAME)]
"""A container's port by its number, or by the name of one of the component's ports."""
HttpPath = Annotated[str, Field(max_length=1024, pattern=r"^/[^[:space:][:cntrl:]]*$")]
Scheme = Literal["HTTP", "HTTPS"]


class HTTPGetAction(Model):
    """Healthy when an HTTP GET is answered with a status from 200 to 399."""

    path: HttpPath = "/"
    """What to ask for."""
    port: PortReference | None = None
    """The port; the component's first when left out."""
    scheme: Scheme = "HTTP"
    """Whether to speak TLS; the certificate is not verified."""


class TCPSocketAction(Model):
    """Healthy when a connection can be opened."""

    port: PortReference | None = None
    """The port; the component's first when left out."""


class GRPCAction(Model):
    """Healthy when the gRPC health service says SERVING."""

    port: PortNumber | None = None
    """The port; the component's first when left out."""
    service: Annotated[str, Field(max_length=128)] = ""
    """The service to ask about; the server as a whole when empty."""


class ExecAction(Model):
    """Healthy when a command in the container exits with 0."""

    command: Annotated[
        list[Annotated[str, Field(max_length=1024)]],
        Field(min_length=1, max_length=16, json_schema_extra=list_atomic()),
    ]
    """The command, word by word; no shell reads it."""


class Probe(Model):
    """One probe; without an action it takes that of the short form, or opens the first port."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "[has(self.httpGet), has(self.tcpSocket), has(self.grpc), has(self.exec)]"
                ".filter(given, given).size() <= 1",
                "a probe has one action: httpGet, tcpSocket, grpc or exec",
            )
        )
    }

    http_get: HTTPGetAction | None = None
    """Ask over HTTP."""
    tcp_socket: TCPSocketAction | None = None
    """Open a connection."""
    grpc: GRPCAction | None = None
    """Ask the gRPC health service."""
    exec: ExecAction | None = None
    """Run a command."""
    initial_delay_seconds: Annotated[int, Field(ge=0, le=3600)] = 0
    """Seconds after the container's start before the first try."""
    period_seconds: Annotated[int, Field(ge=1, le=3600)] = 10
    """Seconds between tries."""
    timeout_seconds: Annotated[int, Field(ge=1, le=600)] = 1
    """Seconds to wait for an answer."""
    success_threshold: Annotated[int, Field(ge=1, le=100)] = 1
    """Successes in a row to be healthy after a failure; liveness and startup know 1 only."""
    failure_threshold: Annotated[int, Field(ge=1, le=1000)] = 3
    """Failures in a row to be unhealthy."""


class Probes(Model):
    """The probes of a container: ``path`` alone is readiness, liveness and startup over HTTP."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "(!has(self.liveness) || self.liveness.successThreshold == 1) && "
                "(!has(self.startup) || self.startup.successThreshold == 1)",
                "successThreshold must be 1 for liveness and startup: only readiness may ask for "
                "more",
            )
        )
    }

    path: HttpPath | None = None
    """Short form: all three probes ask for this over HTTP."""
    port: PortReference | None = None
    """Port of the short form, over TCP if there is no path; the component's first when left out."""
    scheme: Scheme = "HTTP"
    """Scheme of the short form."""
    readiness: Probe | None = None
    """Whether the pod gets traffic."""
    liveness: Probe | None = None
    """Whether the container is restarted."""
    startup: Probe | None = None
    """Whether the container has started; the others wait for it."""
