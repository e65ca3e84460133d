"""Traces: a span for each look, and within it one for each request, sent by OTLP over HTTP.

Imported only where traces are asked for, with the packages of the extra ``tracing``: they cost a
third of a second at the start and five megabytes. Nothing on the operator's way asks whether there
are traces: where there are, a look is wrapped and the client's observer is another one.

Names and attributes of requests are those of OpenTelemetry's conventions for HTTP clients
(https://opentelemetry.io/docs/specs/semconv/http/http-spans/). Sampling and further attributes are
set by OpenTelemetry's own variables, such as ``OTEL_TRACES_SAMPLER``.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

PATIENCE: Final = 2.0
"""Seconds that a collector has to answer. So long, too, an ending process waits for it."""
PATH: Final = "/v1/traces"
"""Of OTLP (https://opentelemetry.io/docs/specs/otlp/#otlphttp-request)."""


class Look:
    """A look that is under way.

    Args:
        span: the look's.
    """

    def __init__(self, span: Span) -> None:
        self._span = span

    def end(self, changes: int, failures: Sequence[tuple[str, str]]) -> None:
        """Say what came of it.

        Args:
            changes: how many objects were written.
            failures: reason, in CamelCase, and message of each thing that failed.
        """
        self._span.set_attribute("tenantry.changes", changes)
        if failures:
            self._span.set_attribute("tenantry.reasons", sorted({one for one, _ in failures}))
            self._span.set_status(Status(StatusCode.ERROR, failures[0][1]))


class Tracing:
    """Makes spans and sends them, a batch every five seconds, from a thread of its own.

    Spans that a collector does not take are dropped: work never waits for them.

    Args:
        endpoint: the collector's URL, without the path of OTLP.
        version: of the operator.
        instance: which replica it is.
    """

    def __init__(self, endpoint: str, version: str, instance: str) -> None:
        about = {
            SERVICE_NAME: "tenantry",
            SERVICE_VERSION: version,
            SERVICE_INSTANCE_ID: instance,
        }
        self._provider = TracerProvider(
            resource=Resource.create(about),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(endpoint.rstrip("/") + PATH, timeout=PATIENCE)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("tenantry", version)

    @contextmanager
    def look(self, kind: str, key: str, *, urgent: bool) -> Iterator[Look]:
        """A span of a look; what is requested meanwhile is within it.

        Args:
            kind: what is looked at, such as ``tenant``.
            key: its name.
            urgent: whether it is a repair.
        """
        attributes: dict[str, str | bool] = {f"tenantry.{kind}": key, "tenantry.urgent": urgent}
        name = f"reconcile {kind}"
        with self._tracer.start_as_current_span(name, attributes=attributes) as span:
            yield Look(span)

    def requested(self, verb: str, kind: str, code: int, seconds: float) -> None:
        """A request has ended just now: as the client's observer is told of it."""
        ended = time.time_ns()
        span = self._tracer.start_span(
            f"{verb} {kind}",
            kind=SpanKind.CLIENT,
            start_time=ended - int(seconds * 1e9),
            attributes={"k8s.verb": verb, "k8s.kind": kind, "http.response.status_code": code},
        )
        if code == 0 or code >= HTTPStatus.BAD_REQUEST:
            span.set_status(Status(StatusCode.ERROR))
        span.end(ended)

    def close(self) -> None:
        """Send what is left, for ``PATIENCE`` at most; blocks."""
        self._provider.shutdown()
