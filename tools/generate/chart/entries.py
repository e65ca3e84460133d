"""The values one by one, with the path that `--set` takes: what file and README are made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic.fields import FieldInfo

from generate.chart.base import Values
from generate.chart.values import Chart


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One value, or the head of a group of values."""

    path: tuple[str, ...]
    """Its keys, from the top of the file on."""
    description: str
    """What it says, in a line or several."""
    default: Any
    """What it is unless given; None for a group."""
    field: FieldInfo
    """How the model has it."""
    is_group: bool
    """Whether its own values follow."""


def entries(defaults: Values | None = None, above: tuple[str, ...] = ()) -> Iterator[Entry]:
    """All values of a group, or of the chart, in the order in which they are written there."""
    defaults = defaults or Chart()
    for name, field in type(defaults).model_fields.items():
        value = getattr(defaults, name)
        is_group = isinstance(value, Values)
        path = (*above, field.alias or name)
        yield Entry(
            path=path,
            description=" ".join((field.description or "").split()),
            default=None if is_group else value,
            field=field,
            is_group=is_group,
        )
        if isinstance(value, Values):
            yield from entries(value, path)
