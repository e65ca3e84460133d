"""The pages, asked over the network as the kubelet and a scraper do."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from tenantry.health import ListenFailed, Probes, serving
from tenantry.telemetry.metrics import Metrics


@dataclass
class Answers:
    problems: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def probes(self) -> Probes:
        return Probes(problems=lambda: self.problems, missing=lambda: self.missing)


def some_metrics() -> Metrics:
    return Metrics(CollectorRegistry(), {"version": "1.2.3"})


@dataclass
class Server:
    answers: Answers
    base: str
    session: aiohttp.ClientSession

    async def get(self, path: str) -> tuple[int, str]:
        async with self.session.get(self.base + path) as response:
            return response.status, await response.text()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    answers = Answers()
    async with (
        serving("127.0.0.1:0", answers.probes, some_metrics()) as port,
        aiohttp.ClientSession() as session,
    ):
        yield Server(answers, f"http://127.0.0.1:{port}", session)


async def test_a_healthy_operator_says_ok(server: Server) -> None:
    assert await server.get("/healthz") == (200, "ok\n")
    assert await server.get("/readyz") == (200, "ok\n")


async def test_a_problem_fails_liveness_and_is_named(server: Server) -> None:
    server.answers.problems = ["the watch of tenants ended", "the queue is stuck"]

    assert await server.get("/healthz") == (
        503,
        "the watch of tenants ended\nthe queue is stuck\n",
    )
    assert await server.get("/readyz") == (200, "ok\n")


async def test_what_is_missing_fails_readiness_only_until_it_is_there(server: Server) -> None:
    server.answers.missing = ["namespaces are not listed yet"]
    assert await server.get("/readyz") == (503, "namespaces are not listed yet\n")
    assert await server.get("/healthz") == (200, "ok\n")

    server.answers.missing = []
    assert await server.get("/readyz") == (200, "ok\n")


async def test_metrics_are_served_in_the_format_asked_for(server: Server) -> None:
    status, text = await server.get("/metrics")
    assert status == 200
    assert 'tenantry_build_info{version="1.2.3"} 1.0' in text

    accept = {"Accept": "application/openmetrics-text;version=1.0.0"}
    async with server.session.get(server.base + "/metrics", headers=accept) as response:
        assert response.content_type == "application/openmetrics-text"
        assert (await response.text()).endswith("# EOF\n")


async def test_metrics_are_compressed_for_who_can_read_that(server: Server) -> None:
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(server.base + "/metrics", headers={"Accept-Encoding": "gzip"}) as response,
    ):
        assert response.headers["Content-Encoding"] == "gzip"
        assert b"tenantry_build_info" in gzip.decompress(await response.read())


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/none"])
async def test_no_connection_is_kept_open(server: Server, path: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.base.rpartition(":")[2]))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    answer = await asyncio.wait_for(reader.read(), 5)  # to its end, which is the connection's

    assert b"\r\nConnection: close\r\n" in answer
    writer.close()


async def test_other_pages_do_not_exist(server: Server) -> None:
    assert (await server.get("/debug"))[0] == 404


async def test_without_a_host_both_address_families_are_served_on_one_port() -> None:
    families = ["127.0.0.1"] + (["[::1]"] if socket.has_dualstack_ipv6() else [])
    async with (
        serving(":0", Answers().probes, some_metrics()) as port,
        aiohttp.ClientSession() as session,
    ):
        for host in families:
            async with session.get(f"http://{host}:{port}/healthz") as response:
                assert response.status == 200


async def test_a_taken_port_is_a_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"

        with pytest.raises(ListenFailed) as caught:
            async with serving(listen, Answers().probes, some_metrics()):
                pass

    assert str(caught.value) == (
        f"cannot listen on {listen}: address already in use; choose another address with --listen"
    )


async def test_an_address_of_another_machine_is_a_clear_error() -> None:
    with pytest.raises(ListenFailed, match=r"cannot listen on 192\.0\.2\.1:0: cannot assign"):
        async with serving("192.0.2.1:0", Answers().probes, some_metrics()):
            pass


async def test_the_port_is_free_again_afterwards() -> None:
    async with serving("127.0.0.1:0", Answers().probes, some_metrics()) as port:
        pass

    async with serving(f"127.0.0.1:{port}", Answers().probes, some_metrics()) as again:
        assert again == port
