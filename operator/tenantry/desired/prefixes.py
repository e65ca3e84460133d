"""Who may have a namespace's name, when several Tenants could make it.

A Tenant ``a`` with a namespace ``b-c`` and a Tenant ``a-b`` with a namespace ``c`` both ask for
``a-b-c``. No schema can forbid that, for each is fine alone, so the answer must follow from the
Tenants alone, the same whoever asks and in whatever order they came: a name belongs to the Tenant
whose prefix is the longest that the name begins with. Of Tenants with one and the same prefix, it
is the one that has it by default, for its name says so; else the first by name.
"""

from collections.abc import Iterator, Mapping, MutableMapping


class Prefixes(MutableMapping[str, str]):
    """Of every Tenant, name to prefix, with the way back: answers cost a name's length.

    A mapping like any other; the engine keeps one and changes it as Tenants come and go.
    """

    def __init__(self, prefixes: Mapping[str, str] | None = None) -> None:
        self._prefixes = dict(prefixes or {})
        self._tenants: dict[str, set[str]] = {}
        for tenant, prefix in self._prefixes.items():
            self._tenants.setdefault(prefix, set()).add(tenant)

    def __getitem__(self, tenant: str) -> str:
        return self._prefixes[tenant]

    def __setitem__(self, tenant: str, prefix: str) -> None:
        self.pop(tenant, None)
        self._prefixes[tenant] = prefix
        self._tenants.setdefault(prefix, set()).add(tenant)

    def __delitem__(self, tenant: str) -> None:
        prefix = self._prefixes.pop(tenant)
        tenants = self._tenants[prefix]
        tenants.remove(tenant)
        if not tenants:
            del self._tenants[prefix]

    def __iter__(self) -> Iterator[str]:
        return iter(self._prefixes)

    def __len__(self) -> int:
        return len(self._prefixes)

    def with_prefix(self, prefix: str) -> frozenset[str]:
        """The Tenants that have exactly this prefix."""
        return frozenset(self._tenants.get(prefix, ()))


def indexed(prefixes: Mapping[str, str]) -> Prefixes:
    """The mapping itself if it knows the way back, else one made from it."""
    return prefixes if isinstance(prefixes, Prefixes) else Prefixes(prefixes)


def holder(name: str, tenant: str, prefix: str, prefixes: Prefixes) -> str:
    """The Tenant that a namespace's name belongs to.

    Args:
        name: full name of the namespace, which begins with ``prefix``.
        tenant: the one that lists it; it counts whether or not ``prefixes`` has it.
        prefix: its prefix.
        prefixes: those of all Tenants.
    """
    for candidate in _beginnings(name):
        tenants = prefixes.with_prefix(candidate) - {tenant}
        if candidate == prefix:
            tenants |= {tenant}
        if tenants:
            return _first(tenants, candidate)
    return tenant


def neighbours(prefix: str, prefixes: Mapping[str, str]) -> set[str]:
    """The Tenants whose claim to a name may change when one with this prefix comes or goes.

    Those whose own prefix is this one or a beginning of it. A longer prefix wins with or without
    this one. Includes the Tenant that came, when ``prefixes`` has it already.
    """
    index = indexed(prefixes)
    return {tenant for part in (prefix, *_beginnings(prefix)) for tenant in index.with_prefix(part)}


def _first(tenants: frozenset[str], prefix: str) -> str:
    own = prefix.removesuffix("-")
    return own if own in tenants else min(tenants)


def _beginnings(name: str) -> Iterator[str]:
    """Every beginning of a name that could be a prefix and leaves something over, longest first."""
    end = name.rfind("-", 0, len(name) - 1)
    while end > 0:
        yield name[: end + 1]
        end = name.rfind("-", 0, end)
