"""The page of costs: a report as HTML, served by the meter or written as one file, all the same.

It loads nothing: its style is in it, its charts are SVG, it has no script, and its policy tells the
browser so. Every name is escaped by the template's engine; what is not a name comes from here.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tenantry.cost.inquiry import Inquiry
from tenantry.cost.page.figures import figures
from tenantry.cost.page.links import Links
from tenantry.cost.report import Report
from tenantry.cost.sources import Source

_TEMPLATES: Final = "templates"


@dataclass(frozen=True, slots=True)
class Page:
    """A page and what it may do.

    Attributes:
        html: a whole document.
        policy: for its header ``Content-Security-Policy``.
    """

    html: str
    policy: str


def costs_page(
    report: Report,
    inquiry: Inquiry,
    source: Source,
    words: Mapping[str, str] | None = None,
) -> Page:
    """A report for people.

    Args:
        report: what to show.
        inquiry: what it answers.
        source: whose budgets are shown, as far as they are what it is about.
        words: of the inquiry, as they were said, for the links to other views; None for a file,
            which has none.
    """
    links = Links(words) if words is not None else None
    return render("costs", links=links, **figures(report, inquiry, source, links))


def render(template: str, **values: Any) -> Page:
    """A page from a template.

    Args:
        template: its name, without ``.html``.
        values: what stands in it, by name; texts are escaped.
    """
    environment = _environment()
    style = _style()
    policy = _policy(style)
    html = environment.get_template(f"{template}.html").render(
        # The project's own file; escaped, it would be another text than that of the hash.
        style=Markup(style),  # noqa: S704
        policy=policy,
        **values,
    )
    return Page(html, f"{policy}; frame-ancestors 'none'")


def _policy(style: str) -> str:
    """Nothing is loaded, nothing runs, forms stay here; the one style is known by its hash.

    https://www.w3.org/TR/CSP3/
    """
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'"


@cache
def _environment() -> Environment:
    loader = PackageLoader(__name__, _TEMPLATES)
    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["shown"] = shown
    return made


@cache
def _style() -> str:
    return files(__name__).joinpath(_TEMPLATES, "style.css").read_text(encoding="utf-8")


def shown(text: str) -> str:
    """A text as it is written, without what a browser would obey rather than show."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
