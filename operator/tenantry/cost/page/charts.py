"""Charts by pygal: SVG that stands in the page, coloured by its style, without scripts.

What pygal brings for browsers that run its script (styles, configuration, tooltips) is taken out
again; each bar says by its title what it is, to a pointer as to a screen reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from xml.etree.ElementTree import Comment, Element

from markupsafe import Markup

_WIDTH: Final = 960
_HEIGHT: Final = 300
_LABELS: Final = 10
"""Days that are written below a chart."""
_DROPPED: Final = ("script", "style")


@dataclass(frozen=True, slots=True)
class Series:
    """What has one colour.

    Attributes:
        name: of it.
        costs: one a day.
        is_nobodys: whether it is what no tenant pays for, such as idle cost; that is grey.
    """

    name: str
    costs: Sequence[Decimal]
    is_nobodys: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """What stands in the page.

    Attributes:
        svg: an ``svg`` element; names in it are escaped by ElementTree.
        colours: the class of each in the style, and what has it, in the order of the bars.
    """

    svg: Markup
    colours: Sequence[tuple[str, str]]


def over_time(days: Sequence[str], series: Sequence[Series], currency: str) -> Chart:
    """Bars of days, one upon the other.

    Args:
        days: their names, in order.
        series: the dearest first, which is at the bottom.
        currency: of the costs.
    """
    import pygal  # type: ignore[import-untyped] # noqa: PLC0415 - slow, and not always needed

    chart = pygal.StackedBar(
        css=(),
        js=(),
        width=_WIDTH,
        height=_HEIGHT,
        explicit_size=False,
        disable_xml_declaration=True,
        show_legend=False,
        margin=8,
        x_labels_major_every=-(-len(days) // _LABELS),
        show_minor_x_labels=False,
        truncate_label=-1,
        value_formatter=lambda cost: f"{cost:,.2f}",
    )
    chart.uuid = "costs"
    chart.x_labels = days
    for one in series:
        chart.add(one.name, [float(cost) for cost in one.costs])
    colours = _colours(series)
    chart.add_xml_filter(lambda root: _made_plain(root, days, colours, currency))
    svg = Markup(chart.render(is_unicode=True))  # noqa: S704 - written by ElementTree
    return Chart(svg, colours)


def _colours(series: Sequence[Series]) -> list[tuple[str, str]]:
    counts = {"color": 0, "nobodys": 0}
    found = []
    for one in series:
        kind = "nobodys" if one.is_nobodys else "color"
        found.append((f"{kind}-{counts[kind]}", one.name))
        counts[kind] += 1
    return found


def _made_plain(
    root: Element, days: Sequence[str], colours: Sequence[tuple[str, str]], currency: str
) -> Element:
    root.set("role", "img")
    root.set("aria-label", "Cost by day; the table below has the amounts")
    for parent in list(root.iter()):
        for child in list(parent):
            if _is_comment(child) or _tag(child) in _DROPPED or _is_tooltip(child):
                parent.remove(child)
    for at, (colour, name) in enumerate(colours):
        for group in root.iter():
            classes = group.get("class", "").split()
            if f"serie-{at}" in classes:
                group.set("class", f"series {colour}")
                _titled(group, days, name, currency)
    return root


def _titled(group: Element, days: Sequence[str], name: str, currency: str) -> None:
    """Put a title on each bar, in place of the descriptions that are for pygal's script."""
    bars = [one for one in group.iter() if one.get("class") == "bar"]
    if not bars:  # of each series there is a group for texts, too
        return
    for day, bar in zip(days, bars, strict=True):
        told: dict[str, Any] = {
            one.get("class", ""): one for one in list(bar) if _tag(one) == "desc"
        }
        for one in told.values():
            bar.remove(one)
        value = told["value"].text if "value" in told else ""
        title = Element("title")
        title.text = f"{name}, {day}: {value} {currency}"
        bar.insert(0, title)


def _is_comment(element: object) -> bool:
    """Whether it is one; of those, the tag is no text, whatever the types say."""
    return getattr(element, "tag", None) is Comment


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _is_tooltip(element: Element) -> bool:
    return "tooltip" in element.get("class", "").split()
