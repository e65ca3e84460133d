"""Who sees which costs over HTTP, before a Kubernetes that says what the test wants."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from yarl import URL

from metered_store import fill
from tenantry.api.base import Manifest
from tenantry.cluster.client import Client
from tenantry.cluster.errors import Unreachable
from tenantry.cluster.resources import Resource
from tenantry.cost.inquiry import DEFAULTS
from tenantry.cost.store import Database, open_database
from tenantry.health import Probes, serving
from tenantry.meter.access import MEMORY, Access, NotAuthenticatedError
from tenantry.meter.http_api import CostApi
from tenantry.meter.metrics import MeterMetrics
from tenantry.meter.openapi import WORDS
from tenantry.meter.pages import CostPages
from tenantry.meter.reports import Reports

COSTS = "/api/v1/costs"
WINDOW = "2026-10-24..2026-10-25"
PEOPLE = {"olivia-token": "olivia", "fin-token": "fin", "nobody-token": "nobody"}
RIGHTS = {("olivia", "get", "acme"), ("fin", "list", "")}


@dataclass
class Kubernetes:
    """Says who is who and who may do what; a Client as far as that is asked for."""

    rights: set[tuple[str, str, str]] = field(default_factory=lambda: set(RIGHTS))
    asked: list[Manifest] = field(default_factory=list)
    is_down: bool = False

    async def create(self, resource: Resource, manifest: Manifest, *, urgent: bool) -> Manifest:
        assert not urgent
        if self.is_down:
            raise Unreachable("connection refused")
        self.asked.append(manifest)
        spec = manifest["spec"]
        if resource.kind == "TokenReview":
            user = PEOPLE.get(spec["token"])
            known = {"authenticated": True, "user": {"username": user, "groups": ["people"]}}
            return {"status": known if user else {"error": "no such token"}}
        wanted = spec["resourceAttributes"]
        right = spec["user"], wanted["verb"], wanted.get("name", "")
        assert (wanted["group"], wanted["resource"]) == ("tenantry.io", "tenants")
        assert spec["groups"] == ["people"]
        return {"status": {"allowed": right in self.rights}}

    async def pages(self, _: Resource) -> AsyncIterator[Manifest]:
        yield {"items": []}


@dataclass
class Site:
    """A meter's pages, asked as somebody."""

    kubernetes: Kubernetes
    session: aiohttp.ClientSession
    base: str

    async def get(
        self, path: str, token: str = "", **words: str
    ) -> tuple[int, str, aiohttp.ClientResponse]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        query = f"?{urlencode({one.replace('_', '-'): said for one, said in words.items()})}"
        url = URL(self.base + path + query.removesuffix("?"), encoded=True)  # as it is written
        async with self.session.get(url, headers=headers) as answer:
            return answer.status, await answer.text(), answer


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path_factory.mktemp('api')}/meter.db"
    fill(url)
    opened = open_database(url, is_migrated=False)
    yield opened
    opened.close()


def client(kubernetes: Kubernetes) -> Client:
    return kubernetes  # type: ignore[return-value] # as much of one as is asked for


@pytest.fixture
async def site(database: Database) -> AsyncIterator[Site]:
    kubernetes = Kubernetes()
    reports = Reports(client(kubernetes), database)
    pages = CostPages(CostApi(Access(client(kubernetes)), reports, "1.2.3"), "1.2.3")
    probes = Probes(problems=list, missing=list)
    async with (
        serving("127.0.0.1:0", probes, MeterMetrics({}), pages.add_to) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        yield Site(kubernetes, session, f"http://127.0.0.1:{port}")


async def test_a_tenants_person_sees_what_it_costs_in_every_form(site: Site) -> None:
    for form in ("json", "csv", "focus", "html"):
        status, text, answer = await site.get(
            COSTS, "olivia-token", tenant="acme", window=WINDOW, format=form
        )
        assert status == 200, text
        assert "globex" not in text
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    report = json.loads((await site.get(COSTS, "olivia-token", tenant="acme", window=WINDOW))[1])
    assert [row["application"] for row in report["rows"]] == ["shop"]
    assert report["parts"] == {}


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("tenant=globex", 403),
        ("", 403),
        ("tenant=", 403),
        ("tenant=acme&tenant=globex", 400),
        ("tenant=globex&tenant=acme", 400),
        ("tenant=acme&Tenant=globex", 400),
        ("tenant=acme%00globex", 403),
        ("tenant=*", 403),
        ("tenant=acme,globex", 403),
        ("tenant=../globex", 403),
        ("tenant=acme&tenants=globex", 400),
    ],
)
async def test_nobody_sees_another_tenants_costs(site: Site, words: str, status: int) -> None:
    for form in ("json", "csv", "focus", "html"):
        code, text, _ = await site.get(f"{COSTS}?{words}&format={form}", "olivia-token")
        assert code == status
        assert "0.5" not in text
    code, text, _ = await site.get(f"/?{words}", "olivia-token")
    assert code == status
    assert "<table>" not in text


@pytest.mark.parametrize(
    "path", ["/api/v1/costs/globex", "//api/v1/costs", "/api/v1/%2e%2e/costs", "/API/V1/COSTS"]
)
async def test_there_is_no_other_path(site: Site, path: str) -> None:
    assert (await site.get(path, "olivia-token", tenant="globex"))[0] in (403, 404)


async def test_who_may_list_tenants_sees_all(site: Site) -> None:
    report = json.loads((await site.get(COSTS, "fin-token", window=WINDOW))[1])

    assert [row["tenant"] for row in report["rows"]] == ["(idle)", "acme", "globex"]
    assert set(report["parts"]) == {"tenants", "shared", "idle", "unallocated"}
    assert (await site.get(COSTS, "fin-token", tenant="globex", window=WINDOW))[0] == 200


async def test_without_a_token_that_kubernetes_accepts_nothing_is_told(site: Site) -> None:
    for token in ("", "forged"):
        status, text, answer = await site.get(COSTS, token, tenant="acme")
        assert (status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="tenantry"')
        assert "token that the API server accepts" in text or "does not accept" in text
    basic = {"Authorization": "Basic b2xpdmlhOng=", "Cookie": "tenantry-token=fin-token"}
    async with site.session.get(COSTS, headers=basic) as answer:
        assert answer.status == 401


async def test_while_kubernetes_does_not_answer_nobody_sees_anything(site: Site) -> None:
    site.kubernetes.is_down = True

    for path in (COSTS, "/"):
        status, text, answer = await site.get(path, "fin-token", window=WINDOW)
        assert (status, answer.headers["Retry-After"]) == (503, "5")
        assert "acme" not in text


async def test_answers_are_remembered_for_seconds_and_no_longer() -> None:
    kubernetes, now = Kubernetes(), 100.0
    access = Access(client(kubernetes), lambda: now)
    olivia = await access.person("olivia-token")

    assert await access.may_see(olivia, "acme")
    assert not await access.may_see(olivia, "globex")
    assert not await access.may_see(olivia, "")
    with pytest.raises(NotAuthenticatedError):
        await access.person("forged")
    asked = len(kubernetes.asked)
    assert await access.may_see(await access.person("olivia-token"), "acme")
    with pytest.raises(NotAuthenticatedError):
        await access.person("forged")
    assert len(kubernetes.asked) == asked

    kubernetes.rights.clear()
    now += MEMORY
    assert not await access.may_see(await access.person("olivia-token"), "acme")


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("window=week", "window: 'week' is no window: write month"),
        ("by=colour", "by: 'colour' is none of tenant"),
        ("by=tenant,tenant", "by: 'tenant,tenant' names something twice"),
        ("basis=x", "basis: 'x' is none of request, usage, max"),
        ("share-idle=x", "share-idle: 'x' is none of separate"),
        ("format=xml", "format: 'xml' is none of json, csv"),
        ("application=shop", "application: an application is a tenant's: name the tenant"),
        ("window=400d", "window: at most 366 days of this at once"),
        ("window=90d&by=tenant,component", "window: at most 62 days of this at once"),
        ("window=90d&format=focus", "ask for less, or 'tenantry cost'"),
        ("tenant=acme&application=shop&format=focus", "leave the application out"),
        ("tenant=acme'%3B+DROP+TABLE+series--&windo=7d", "'windo' is no parameter"),
    ],
)
async def test_what_makes_no_sense_is_told_what_to_write(
    site: Site, words: str, advice: str
) -> None:
    status, text, _ = await site.get(f"{COSTS}?{words}", "fin-token")

    assert status == 400
    assert advice in json.loads(text)["error"]


async def test_a_name_is_no_sql(site: Site) -> None:
    hostile = "acme' OR '1'='1"
    status, text, _ = await site.get(COSTS, "fin-token", tenant=hostile, window=WINDOW)

    assert (status, json.loads(text)["rows"]) == (200, [])
    report = json.loads((await site.get(COSTS, "fin-token", window=WINDOW))[1])
    assert len(report["rows"]) == 3


async def test_a_browser_signs_in_once_and_keeps_a_cookie_that_no_script_and_no_site_has(
    site: Site,
) -> None:
    status, text, _ = await site.get("/", window="7d")
    assert (status, 'name="token"' in text, 'value="window=7d"' in text) == (401, True, True)

    form: dict[str, Any] = {"token": " olivia-token\n", "to": "tenant=acme"}
    async with site.session.post("/sign-in", data=form, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/?tenant=acme")
        cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "Secure", "SameSite=Strict", "Path=/"} <= {*cookie.split("; ")}
    brought = {"Cookie": "tenantry-token=olivia-token"}
    async with site.session.get(f"/?tenant=acme&window={WINDOW}", headers=brought) as answer:
        text = await answer.text()
        assert (answer.status, "Costs of acme" in text) == (200, True)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    async with site.session.get("/", headers=brought) as answer:
        assert (answer.status, "Whose costs?" in await answer.text()) == (403, True)
    async with site.session.post("/sign-out", allow_redirects=False) as answer:
        assert "Max-Age=0" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}]
)
async def test_no_other_site_signs_anybody_in_or_sends_them_away(
    site: Site, headers: dict[str, str]
) -> None:
    form = {"token": "fin-token"}
    async with site.session.post("/sign-in", data=form, headers=headers) as answer:
        assert (answer.status, "Set-Cookie" in answer.headers) == (403, False)
    elsewhere = {"token": "fin-token", "to": "//evil.example\r\nX: y"}
    async with site.session.post("/sign-in", data=elsewhere, allow_redirects=False) as answer:
        assert answer.headers["Location"].startswith("/?")
        assert "X" not in answer.headers


async def test_the_api_says_what_it_takes_in_openapi_and_on_a_page(site: Site) -> None:
    document = json.loads((await site.get("/api/v1/openapi.json"))[1])

    operation = document["paths"][COSTS]["get"]
    assert [one["name"] for one in operation["parameters"]] == [*WORDS]
    assert set(WORDS) == {*DEFAULTS, "format", "account"}
    report = json.loads((await site.get(COSTS, "fin-token", window=WINDOW))[1])
    schemas = document["components"]["schemas"]
    assert set(report) == set(schemas["Report"]["properties"])
    assert {"tenant", *schemas["Row"]["properties"]} == {*report["rows"][0]}
    status, text, answer = await site.get("/api")
    assert (status, answer.content_type) == (200, "text/html")
    assert all(f"<code>{word}</code>" in text for word in WORDS)


async def test_metrics_and_probes_tell_nobody_what_anybody_costs(site: Site) -> None:
    for path in ("/metrics", "/healthz", "/readyz"):
        status, text, _ = await site.get(path)
        assert status == 200
        assert "acme" not in text
