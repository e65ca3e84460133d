"""Pure: what of an object opens more than was asked for, of kinds where that matters.

Of most that an Application is made into, what others add is theirs (``application_plan``). What
closes its pods is compared whole, in its lists, too: a peer that selects more than it should, or a
range of ports, would let somebody in.
"""

from collections.abc import Iterator
from typing import Any, Final

from tenantry.api.base import Manifest
from tenantry.observed import Observed

_CLOSED: Final = frozenset({"NetworkPolicy", "AuthorizationPolicy", "PeerAuthentication"})
"""Kinds in whose spec anything that was not asked for would open what should be closed."""
_CATCH_ALL: Final = "defaultBackend"
"""Of an Ingress, what opens a component to every host; nothing here ever asks for it."""


def widened(desired: Manifest, observed: Observed) -> Iterator[str]:
    """The paths of lists that have an item with more than was asked for.

    Applying replaces them, for they are lists without keys; what is in no list is ``beyond``.
    """
    if desired["kind"] in _CLOSED:
        yield from _lists("spec", desired["spec"], observed.body.get("spec", {}))


def _lists(
    path: str, desired: Any, observed: Any, *, is_within_list: bool = False
) -> Iterator[str]:
    if isinstance(desired, dict) and isinstance(observed, dict):
        if is_within_list and observed.keys() - desired.keys():
            yield path
        for name in desired.keys() & observed.keys():
            below, theirs = desired[name], observed[name]
            yield from _lists(f"{path}.{name}", below, theirs, is_within_list=is_within_list)
    elif isinstance(desired, list) and isinstance(observed, list):
        for one, other in zip(desired, observed, strict=False):
            yield from _lists(path, one, other, is_within_list=True)


def beyond(desired: Manifest, observed: Observed) -> Manifest:
    """What was not asked for and must not be there, as a merge patch that takes it out."""
    present = observed.body.get("spec", {})
    if desired["kind"] == "Ingress":
        return {_CATCH_ALL: None} if _CATCH_ALL in present else {}
    return _beyond(desired.get("spec", {}), present) if desired["kind"] in _CLOSED else {}


def _beyond(desired: Manifest, observed: Manifest) -> Manifest:
    found: Manifest = {}
    for name, value in observed.items():
        if name not in desired:
            found |= {name: None} if value else {}
        elif isinstance(value, dict) and isinstance(desired[name], dict):
            below = _beyond(desired[name], value)
            found |= {name: below} if below else {}
    return found


def paths_of(path: str, patch: Manifest) -> Iterator[str]:
    """What a merge patch takes out."""
    for name, value in sorted(patch.items()):
        yield from paths_of(f"{path}.{name}", value) if value else (f"{path}.{name}",)
