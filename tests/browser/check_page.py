"""The page of costs in Chromium: ``make page-test``. Its pictures are in build/page.

Not among the tests that every machine runs, for it needs a browser, which no package index has.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from yarl import URL

from browser.chromium import Browser, chromium
from browser.example import Examples
from examples import ROOT
from tenantry.api.base import Manifest
from tenantry.cluster.resources import Resource
from tenantry.health import Probes, serving
from tenantry.meter.access import Access
from tenantry.meter.http_api import CostApi
from tenantry.meter.metrics import MeterMetrics
from tenantry.meter.pages import CostPages

PICTURES: Final = ROOT / "build" / "page"
WIDE: Final = 1100
NARROW: Final = 390
HEADING: Final = "document.querySelector('h1').textContent"
FOCUSED: Final = """(() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const named = one.getAttribute('aria-label') || one.textContent.trim();
  return [one.tagName, named, one.getAttribute('href') || '', style.outlineStyle];
})()"""
CONTRAST: Final = """(() => {
  const channel = part => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const light = color => {
    const [r, g, b] = color.match(/[0-9.]+/g).map(Number).map(channel);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = one => {
    const color = getComputedStyle(one).backgroundColor;
    return color === 'rgba(0, 0, 0, 0)' ? ground(one.parentElement) : color;
  };
  return Math.min(...[...document.querySelectorAll('h1,h2,p,a,dt,dd,small,th,td,li,button')].map(
    one => {
      const [a, b] = [light(getComputedStyle(one).color), light(ground(one))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }));
})()"""
"""The least of all texts: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""


class Anybody:
    """A Kubernetes that lets everybody see everything."""

    async def create(self, resource: Resource, _: Manifest, *, urgent: bool) -> Manifest:
        del urgent
        known = {"authenticated": True, "user": {"username": "fin"}}
        return {"status": known if resource.kind == "TokenReview" else {"allowed": True}}


@pytest.fixture
async def meter() -> AsyncIterator[URL]:
    access = Access(Anybody())  # type: ignore[arg-type] # as much of a client as is asked for
    pages = CostPages(CostApi(access, Examples(), "1.2.3"), "1.2.3")
    probes = Probes(problems=list, missing=list)
    async with serving("127.0.0.1:0", probes, MeterMetrics({}), pages.add_to) as port:
        yield URL(f"http://127.0.0.1:{port}")


async def test_the_page_is_used_by_keyboard_and_asks_nobody_else_for_anything(
    meter: URL, tmp_path: Path
) -> None:
    async with chromium(tmp_path) as browser:
        await browser.open(f"{meter}/?window=14d")
        await browser.look(PICTURES / "sign-in.png", WIDE)
        await browser.send("Input.insertText", text="token")
        await browser.press("Tab")
        await browser.press("Enter", leads_on=True)
        assert await browser.tell(HEADING) == "Costs of all tenants"
        await _seen(browser, "costs")

        await _goes_to(browser, "acme")
        assert await browser.tell(HEADING) == "Costs of acme"
        await _seen(browser, "costs-tenant")
        await _goes_to(browser, "shop")
        assert await browser.tell(HEADING) == "Costs of shop of acme"
        await _seen(browser, "costs-application")
        await browser.open(f"{meter}/api")
        await _seen(browser, "api")

        assert browser.complaints == []
        assert {URL(one).origin() for one in browser.requests} == {meter.origin()}


async def _goes_to(browser: Browser, name: str) -> None:
    """Press Tab until a name has the focus, and Enter; all that has it on the way shows it."""
    await browser.tell("document.activeElement.blur()")
    passed: list[tuple[str, str, str]] = []
    while True:
        await browser.press("Tab")
        tag, text, href, outline = await browser.tell(FOCUSED)
        assert outline == "solid" or tag == "BUTTON", (tag, text)
        assert (tag, text, href) not in passed or tag == "DIV", f"{name} is not reached"
        passed.append((tag, text, href))
        if (tag, text) == ("A", name):
            break
    assert passed[0][2] == "#content"
    await browser.press("Enter", leads_on=True)


async def _seen(browser: Browser, name: str) -> None:
    """A picture in each mode and width; every text can be read, and nothing sticks out."""
    for is_dark in (True, False):
        for width in (NARROW, WIDE):
            ending = ("-dark" if is_dark else "") + ("-narrow" if width == NARROW else "")
            await browser.look(PICTURES / f"{name}{ending}.png", width, is_dark=is_dark)
            assert await browser.tell(CONTRAST) >= 4.5, (name, ending)
            assert await browser.tell("document.documentElement.scrollWidth") <= width, name
