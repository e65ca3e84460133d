"""Host names that tenants may use: the grammar of the rules that list them.

``app.example.com`` is that host; ``*.acme.example.com`` is everything below it, at any depth, and
that wildcard itself; ``*`` is everything, also no host at all, which is every host.
"""

from typing import Final

ANY: Final = "*"
"""Stands for a host that is left out: whatever is asked for."""

HOST: Final = "^([*][.])?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"
"""A host, or a wildcard, and nothing else that a controller would take for several."""


def is_host_listed(host: str, entries: str) -> str:
    """CEL for whether a host, or a wildcard, is among the entries of a rule.

    Args:
        host: CEL for the host, in lower case and without a dot at its end.
        entries: CEL for the list of entries.
    """
    return (
        f"{entries}.exists(e, e == {host} || e == '{ANY}' || "
        f"e.startsWith('*.') && {host}.endsWith(e.substring(1)) && {host}.size() >= e.size())"
    )
