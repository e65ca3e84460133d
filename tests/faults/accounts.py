"""How many writes a change of the world takes, and which of those made were not needed.

Each object costs one write to make, one to change and one to delete or let go, and none to leave
as it is. Tenants themselves are not counted here: their status costs a write as often as there is
news.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from faults.proxy import Exchange
from faults.world import World
from tenantry.api.base import Manifest
from tenantry.cluster.resources import BY_KIND
from tenantry.observed import Key

Write = tuple[str, str]
"""Method and path; a POST's path is that of the collection."""
Inventory = Mapping[Key, Manifest]
_APPLIED_AT_ONCE: Final = "ServiceAccount"
"""Kubernetes makes a default one too, so it is applied rather than made."""
_CONTENT: Final = ("labels", "annotations")


async def inventory(world: World) -> Inventory:
    """The operator's objects as they are now."""
    owned = await world.owned()
    return {key: one for objects in owned.values() for key, one in objects.items()}


async def needless(
    world: World, writes: Iterable[Exchange], since: Inventory | None = None
) -> list[tuple[Write, int]]:
    """What was written more often than needed, and how often.

    Args:
        world: as it is now.
        writes: what led there; without those whose answers were lost, if they may be repeated.
        since: what there was before; nothing unless given.
    """
    made = Counter((one.method, one.path) for one in writes if "/tenants/" not in one.path)
    return sorted((made - await _needed(world, since or {})).items())


async def _needed(world: World, since: Inventory) -> Counter[Write]:
    now = await inventory(world)
    found: Counter[Write] = Counter()
    for key, one in now.items():
        old = since.get(key)
        if old is None or old["metadata"]["uid"] != one["metadata"]["uid"]:
            found[_creation(key)] += 1
        elif _content(old) != _content(one):
            found["PATCH", _path(key)] += 1
    for key in since.keys() - now.keys():
        kind, namespace, name = key
        is_let_go = await world.api.find(kind, name, namespace) is not None
        found["PATCH" if is_let_go else "DELETE", _path(key)] += 1
    return found


def _creation(key: Key) -> Write:
    kind, namespace, _ = key
    if kind == _APPLIED_AT_ONCE:
        return "PATCH", _path(key)
    return "POST", BY_KIND[kind].path(namespace)


def _path(key: Key) -> str:
    kind, namespace, name = key
    return BY_KIND[kind].path(namespace, name)


def _content(manifest: Manifest) -> Manifest:
    metadata = {name: manifest["metadata"].get(name) for name in _CONTENT}
    return {k: v for k, v in manifest.items() if k != "status"} | {"metadata": metadata}
