"""Pure: whether an entry of ``spec.allowed`` allows a name, as the admission policies have it.

The policies say the same in CEL (``policies.fragments``, ``policies.images``, ``policies.hosts``).
An operator that asked less than they do would be a way around them.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from tenantry.api.admission import Allowed
from tenantry.desired.admission import entries_of

_SYSTEM: Final = "system-"
"""Of the classes of the cluster's own components: they are allowed by their full names only."""
_DOCKER: Final = "docker.io"
_INDEX: Final = "index.docker.io"
_LATEST: Final = "latest"
_EXCEPT: Final = "!"
"""Before an entry that takes tags away from what the others allow."""
_DIGEST: Final = re.compile(r"@[A-Za-z][-A-Za-z0-9_+.]*:[0-9A-Fa-f]{32,}$")  # as policies.images
_REGISTRY: Final = re.compile(r"([^/]*[.:][^/]*|localhost)/")
_REFERENCE: Final = re.compile(
    r"[-a-z0-9.:\[\]]+(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)+"  # as policies.images has it
)


def standard(allowed: Allowed, field: str) -> list[str]:
    """The entries of a list, or of its standard where it is left out."""
    return [*entries_of(allowed, field)]


def is_listed(name: str, entries: Sequence[str]) -> bool:
    """Whether a name is among entries: ``name``, ``prefix*``, ``~pattern`` or ``*``."""
    if name.startswith(_SYSTEM):
        return name in entries
    return any(_matches(entry, name) for entry in entries)


def is_from(image: str, entries: Sequence[str]) -> bool:
    """Whether an image is from one of some registries, or from a repository below them."""
    if "*" in entries:
        return True
    name = repository(image)
    return bool(_REFERENCE.fullmatch(name)) and any(
        _is_whole_match(entry[1:], name)
        if entry.startswith("~")
        else name == (place := _without_index(entry)) or name.startswith(f"{place}/")
        for entry in entries
    )


def repository(image: str) -> str:
    """An image's full name without tag and digest: ``nginx:1`` as ``docker.io/library/nginx``."""
    name = image.partition("@")[0]
    if name.rfind(":") > name.rfind("/"):
        name = name.rpartition(":")[0]
    if "/" not in name:
        return f"{_DOCKER}/library/{name}"
    if not _REGISTRY.match(name):
        name = f"{_DOCKER}/{name}"
    name = _without_index(name)
    host, _, path = name.partition("/")
    return f"{_DOCKER}/library/{path}" if host == _DOCKER and "/" not in path else name


def is_tag_allowed(image: str, entries: Sequence[str]) -> bool:
    """Whether an image is named by one of some tags, or by its digest.

    A tag must be what an entry says, and not what one after ``!`` does.
    """
    if _DIGEST.search(image):
        return True
    tag = _tag(image)
    is_one = any(_matches(entry, tag) for entry in entries if not entry.startswith(_EXCEPT))
    return is_one and not any(
        _matches(entry[1:], tag) for entry in entries if entry.startswith(_EXCEPT)
    )


def _tag(image: str) -> str:
    """The tag that is pulled where there is no digest."""
    name = image.partition("@")[0]
    return name[name.rfind(":") + 1 :] if name.rfind(":") > name.rfind("/") else _LATEST


def names_registry(image: str) -> bool:
    """Whether an image says itself which registry it is from."""
    return bool(_REGISTRY.match(image))


def is_host_allowed(host: str, entries: Sequence[str]) -> bool:
    """Whether a host is one of some: ``app.example.com``, ``*.example.com`` or ``*``."""
    return any(
        entry in ("*", host) or (entry.startswith("*.") and host.endswith(entry[1:]))
        for entry in entries
    )


def _matches(entry: str, name: str) -> bool:
    if entry.startswith("~"):
        return _is_whole_match(entry[1:], name)
    return name.startswith(entry[:-1]) if entry.endswith("*") else entry == name


def _is_whole_match(pattern: str, name: str) -> bool:
    """What Python cannot read as a pattern allows nothing; RE2 has little that it cannot."""
    compiled = _compiled(pattern)
    return compiled is not None and compiled.fullmatch(name) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _without_index(name: str) -> str:
    is_index = name == _INDEX or name.startswith(f"{_INDEX}/")
    return name.removeprefix("index.") if is_index else name
