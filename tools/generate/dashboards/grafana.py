"""A dashboard in Grafana's form (its schema 39, which Grafana 10 and later read)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

WIDTH: Final = 24
"""Columns of Grafana's grid."""
STAT_HEIGHT, GRAPH_HEIGHT = 4, 8
SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True)
class Panel:
    """One picture.

    Attributes:
        title: above it.
        about: behind the i beside the title; a sentence.
        queries: legend to PromQL; a legend is a text with labels in double braces.
        unit: Grafana's name of a unit, such as ``s``, ``bytes`` or ``percentunit``.
        type: a number, or a graph over time.
        width: columns of 24.
    """

    title: str
    about: str
    queries: Mapping[str, str]
    unit: str = "short"
    type: Literal["stat", "timeseries"] = "timeseries"
    width: int = 8

    @property
    def height(self) -> int:
        """Rows of the grid."""
        return STAT_HEIGHT if self.type == "stat" else GRAPH_HEIGHT


@dataclass(frozen=True)
class Dashboard:
    """A page of panels, in named rows.

    Attributes:
        name: of the file, and in links.
        title: for people.
        rows: title to panels.
        variables: name to the query of its values, ``label_values(metric, label)``.
    """

    name: str
    title: str
    rows: Mapping[str, tuple[Panel, ...]]
    variables: Mapping[str, str] = field(default_factory=dict)


def dashboard(one: Dashboard) -> dict[str, Any]:
    """A dashboard as Grafana imports it."""
    return {
        "description": "Generated from tools/generate/dashboards by `make generate`.",
        "uid": f"tenantry-{one.name}",
        "title": one.title,
        "tags": ["tenantry"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [_source(), *map(_variable, one.variables.items())]},
        "panels": list(_panels(one.rows)),
    }


def _source() -> dict[str, Any]:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource"} | {
        "query": "prometheus"
    }


def _variable(named: tuple[str, str]) -> dict[str, Any]:
    name, query = named
    return {
        "name": name,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 1,
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def _panels(rows: Mapping[str, tuple[Panel, ...]]) -> Iterator[dict[str, Any]]:
    number, y = 1, 0
    for title, members in rows.items():
        place = {"x": 0, "y": y, "w": WIDTH, "h": 1}
        yield {"id": number, "type": "row", "title": title, "gridPos": place, "collapsed": False}
        number, y, x, tallest = number + 1, y + 1, 0, 0
        for one in members:
            if x + one.width > WIDTH:
                x, y, tallest = 0, y + tallest, 0
            yield _panel(one, number, x, y)
            number, x, tallest = number + 1, x + one.width, max(tallest, one.height)
        y += tallest


def _panel(one: Panel, number: int, x: int, y: int) -> dict[str, Any]:
    targets = [
        {"refId": chr(ord("A") + place), "expr": query, "legendFormat": legend}
        for place, (legend, query) in enumerate(one.queries.items())
    ]
    return {
        "id": number,
        "type": one.type,
        "title": one.title,
        "description": one.about,
        "datasource": SOURCE,
        "gridPos": {"x": x, "y": y, "w": one.width, "h": one.height},
        "fieldConfig": {"defaults": {"unit": one.unit, "min": 0}, "overrides": []},
        "targets": targets,
    }
