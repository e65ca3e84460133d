"""The values one by one, with the path that `--set` takes: what file and README are made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic.fields import FieldInfo

from generate.chart.values import Chart, Values


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


def entries(model: type[Values] = Chart, above: tuple[str, ...] = ()) -> Iterator[Entry]:
    """All values below a model, in the order in which they are written there."""
    defaults = model()
    for name, field in model.model_fields.items():
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
            yield from entries(type(value), path)
