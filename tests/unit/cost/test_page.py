"""The page of costs: the report's amounts, nothing that a name could do, nothing that is loaded."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from cost_strategies import HOSTILE
from metered import START, Hours
from rate_cards import card
from tenantry.api.application import Application
from tenantry.api.tenant import Tenant
from tenantry.cost.inquiry import Inquiry, answer
from tenantry.cost.page import Page, costs_page, shown
from tenantry.cost.sources import Source
from tenantry.cost.store.reading import Extent

NOW = datetime(2026, 10, 3, 0, 30, tzinfo=UTC)
MARKUP = ('"><img src=x onerror=alert(1)>', "</style><script>x</script>", "javascript:alert(1)")


class Recorded(Hours):
    """Hours that say from when on they are."""

    def extent(self) -> Extent:
        return Extent(START, NOW)


class Elements(HTMLParser):
    """The elements of a document, with their attributes, and its texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.found}

    def links(self) -> list[str]:
        return [attributes["href"] or "" for tag, attributes in self.found if tag == "a"]


def application(name: str, of: str, monthly: str, so_far: str) -> Application:
    cost = {"month": "2026-10", "monthToDate": so_far, "currency": "USD"}
    about = {"name": name, "namespace": f"{of}-prod"}
    kind = {"apiVersion": "tenantry.io/v1alpha1", "kind": "Application", "metadata": about}
    component = {"name": "web", "image": "registry.k8s.io/pause:3.10"}
    spec = {"components": [component], "cost": {"budget": {"monthly": monthly}}}
    return Application.parse(kind | {"spec": spec, "status": {"tenant": of, "cost": cost}})


def tenant(name: str, monthly: str, so_far: str) -> Tenant:
    cost = {"month": "2026-10", "monthToDate": so_far, "projected": "99.00", "currency": "USD"}
    spec = {
        "owners": [{"kind": "User", "name": "olivia"}],
        "cost": {"budget": {"monthly": monthly}},
    }
    kind = {"apiVersion": "tenantry.io/v1alpha1", "kind": "Tenant", "metadata": {"name": name}}
    return Tenant.parse(kind | {"spec": spec, "status": {"cost": cost}})


TENANTS = [tenant("acme", "200", "106.21"), tenant("globex", "50", "62.00")]
APPLICATIONS = [
    application("shop", "acme", "100", "71.00"),
    application("bank", "globex", "100", "63.00"),
]
SOURCE = Source([card(prices={"cpu": "1", "memory": "0"})], TENANTS, APPLICATIONS)


def hours(name: str = "acme") -> Recorded:
    made = Recorded()
    made.had("node", "cpu", 4, hours=48)
    made.ran(name, "cpu", 1, "0.5", application="shop", component="web", hours=48)
    made.ran("globex", "cpu", 2, "0.5", application=name, component=name, hours=24)
    return made


def page(name: str = "acme", *, is_live: bool = True, **words: str) -> Page:
    said = {word.replace("_", "-"): one for word, one in words.items()}
    inquiry = Inquiry.of(said, NOW)
    report = answer(inquiry, hours(name), SOURCE)
    return costs_page(report, inquiry, SOURCE, said if is_live else None)


def test_a_page_has_totals_budgets_idle_efficiency_and_a_link_into_each_tenant() -> None:
    found = Elements(page().html)

    # 4 x 48 core-hours: acme 48, globex 2 x 24, nobody the other 96
    assert {"192.00", "48.00", "96.00", "acme", "(idle)", "106.21", "124 %", "53 %"} <= {
        *found.texts
    }
    assert "/?tenant=acme" in found.links()
    # used: (0.5 x 48 + 0.5 x 24) of 96
    assert any("37.5 %" in text for text in found.texts)
    meters = [attributes["value"] for tag, attributes in found.found if tag == "meter"]
    assert meters == ["124", "53"]
    assert {"svg", "progress", "nav", "main"} <= found.tags()


def test_it_leads_down_to_a_component_and_up_again() -> None:
    acme = Elements(page(tenant="acme", window="2d").html)
    assert "/?tenant=acme&window=2d&application=shop" in acme.links()

    shop = Elements(page(tenant="acme", application="shop", window="2d").html)

    assert "web" in shop.texts
    budgets = [
        [attributes["value"] for tag, attributes in found.found if tag == "meter"]
        for found in (acme, shop)
    ]
    assert budgets == [["71", "53"], ["71"]]
    assert "/?tenant=acme&window=2d" in shop.links()
    assert "/api/v1/costs?tenant=acme&window=2d&format=focus" in shop.links()


def test_a_tenants_page_has_nothing_of_another_one() -> None:
    for words in ({}, {"by": "tenant"}, {"application": "shop"}, {"share_idle": "weighted"}):
        html = page(tenant="acme", **words).html
        assert "globex" not in html
        assert "62.00" not in html
        assert "63.00" not in html


@pytest.mark.parametrize("name", [*HOSTILE, *MARKUP])
def test_names_are_shown_and_never_obeyed(name: str) -> None:
    for words in ({}, {"tenant": name}, {"tenant": "globex", "application": name}):
        found = Elements(page(name, window="3d", **words).html)

        assert "script" not in found.tags()
        assert "img" not in found.tags()
        assert not [one for _, attributes in found.found for one in attributes if one[:2] == "on"]
        assert all(link.startswith(("/", "#")) for link in found.links())
        assert any(shown(name).strip() in text for text in found.texts)


def test_a_page_loads_nothing_and_its_policy_lets_it() -> None:
    for made in (page(), page(is_live=False)):
        assert made.policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in made.policy
        found = Elements(made.html)
        assert found.tags().isdisjoint({"script", "img", "link", "iframe", "object", "use"})
        loading = {"src", "style", "srcset", "data", "xlink:href"}
        assert not [a for _, attributes in found.found for a in attributes if a in loading]
        addresses = set(re.findall(r"https?://[^\s\"<]+", made.html))
        assert {one for one in addresses if "w3.org" not in one} == set()


def test_as_one_file_it_is_the_same_without_ways_to_elsewhere() -> None:
    live, file = (Elements(page(is_live=is_live).html) for is_live in (True, False))

    assert file.links() == ["#content"]
    assert [text for text in live.texts if text.endswith(".00")] == [
        text for text in file.texts if text.endswith(".00")
    ]


def test_every_view_is_reached_by_the_keyboard_and_named_for_a_reader() -> None:
    found = Elements(page().html)

    assert found.links()[0] == "#content"
    ids = [attributes["id"] for _, attributes in found.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in found.found:
        if tag in ("svg", "meter", "progress"):
            assert attributes.get("aria-label") or attributes.get("aria-hidden")
        assert attributes.get("tabindex", "0") == "0"
    assert any(attributes.get("aria-current") == "page" for _, attributes in found.found)


def test_more_rows_than_people_read_are_counted() -> None:
    many = Recorded()
    for at in range(501):
        many.ran("acme", "cpu", 1, workload=f"Job/{at}")
    inquiry = Inquiry.of({"tenant": "acme", "by": "workload", "window": "2026-10-01"}, NOW)

    html = costs_page(answer(inquiry, many, SOURCE), inquiry, SOURCE).html

    assert "1 further rows are not shown" in html
