"""Links within the documentation lead somewhere."""

import re
from pathlib import Path

import pytest

from docs.blocks import FENCE, GENERATED, Page, pages

LINK = re.compile(r"\[[^]]*\]\((?!https?:)(?P<target>[^)\s#]*)(?:#(?P<anchor>[^)\s]+))?\)")
CODE = re.compile(r"`[^`\n]*`")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
PAGES = {page.name: page for page in (*pages(), *map(Page, GENERATED.glob("*.md")))}


def _anchors(path: Path) -> set[str]:
    """Headings as GitHub links to them."""
    headings = HEADING.findall(FENCE.sub("", path.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_links_lead_somewhere(name: str) -> None:
    page = PAGES[name]
    for link in LINK.finditer(CODE.sub("", FENCE.sub("", page.text))):
        target = (page.path.parent / link["target"]).resolve() if link["target"] else page.path
        assert target.exists(), link[0]
        if link["anchor"]:
            assert link["anchor"] in _anchors(target), link[0]
