"""The numbers of series: each is looked up once, and made when it is not there."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from typing import Final

from sqlalchemy import Connection, insert, select, tuple_

from tenantry.cost.lives import Account
from tenantry.cost.store import schema
from tenantry.cost.store.statements import portions

Series = tuple[Account, str]
"""Who is charged, and for which resource."""

_CHUNK: Final = 50
"""Series in one statement: each is seven parameters."""
_MOST_SERIES: Final = 200_000
"""Ids that are remembered; beyond, they are looked up again."""
_SERIES: Final = (
    "tenant",
    "namespace",
    "application",
    "component",
    "workload",
    "node_class",
    "resource",
)


@dataclass(slots=True)
class SeriesIds:
    """The numbers that are known."""

    _known: dict[Series, int] = field(default_factory=dict)

    def of(self, connection: Connection, wanted: set[Series]) -> dict[Series, int]:
        """The numbers of at least those that are wanted.

        A transaction that is undone takes the numbers back that were made in it: then ``forget``.
        """
        if len(self._known) > _MOST_SERIES:
            self._known = {}
        missing = sorted((one for one in wanted if one not in self._known), key=_in_order)
        for some in portions(missing, _CHUNK):
            found = _look_up(connection, some)
            new = [one for one in some if one not in found]
            if new:
                rows = [dict(zip(_SERIES, _in_order(one), strict=True)) for one in new]
                connection.execute(insert(schema.series), rows)
                found |= _look_up(connection, new)
            self._known |= found
        return self._known

    def forget(self) -> None:
        """Look all of them up again."""
        self._known = {}


def _look_up(connection: Connection, some: Sequence[Series]) -> dict[Series, int]:
    columns = [schema.series.c[name] for name in _SERIES]
    keys = [_in_order(one) for one in some]
    found = connection.execute(
        select(schema.series.c.id, *columns).where(tuple_(*columns).in_(keys))
    )
    return {(Account(*parts[:-1]), parts[-1]): one for one, *parts in found}


def _in_order(one: Series) -> tuple[str, ...]:
    return (*astuple(one[0]), one[1])
