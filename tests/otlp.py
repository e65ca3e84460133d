"""A collector of traces: takes what OTLP over HTTP sends, as any backend does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """A span that was received.

    Attributes:
        parent: the id of the span that it is within; empty for none.
        attributes: of the span, and of the process that it is of.
        is_error: whether its status says so.
        seconds: how long it took.
    """

    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any]
    is_error: bool
    seconds: float


@dataclass
class Collector:
    """Keeps all spans.

    Attributes:
        url: where to send them, without the path of OTLP.
    """

    url: str = ""
    spans: list[Span] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def started(cls) -> AsyncIterator[Self]:
        """Listen on a free port while the context lasts."""
        collector = cls()
        application = web.Application()
        application.router.add_post("/v1/traces", collector._take)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield collector
        finally:
            await runner.cleanup()

    def within(self, span: Span) -> list[Span]:
        """The spans directly within one."""
        return [one for one in self.spans if one.parent == span.id]

    async def _take(self, request: web.Request) -> web.Response:
        message = ExportTraceServiceRequest.FromString(await request.read())
        for resource in message.resource_spans:
            about = _values(resource.resource.attributes)
            for scope in resource.scope_spans:
                self.spans += [_span(one, about) for one in scope.spans]
        return web.Response(content_type="application/x-protobuf")


def _span(one: Any, about: dict[str, Any]) -> Span:
    return Span(
        name=one.name,
        trace=one.trace_id.hex(),
        id=one.span_id.hex(),
        parent=one.parent_span_id.hex(),
        attributes=about | _values(one.attributes),
        is_error=one.status.code == 2,
        seconds=(one.end_time_unix_nano - one.start_time_unix_nano) / 1e9,
    )


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: _value(one.value) for one in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    content = getattr(value, kind)
    return [_value(one) for one in content.values] if kind == "array_value" else content
