"""What the Applications of some namespaces open, as their NetworkPolicies are now."""

from collections.abc import Iterable, Iterator

from tenantry.api.base import Manifest
from tenantry.application_index import ApplicationIndex
from tenantry.cluster.cache import Cache


def policies_in(
    cache: Cache, index: ApplicationIndex, namespaces: Iterable[str]
) -> Iterator[Manifest]:
    """The NetworkPolicies of all Applications in namespaces, in the order of names.

    They are looked up when somebody wants them: few clusters have the tier that does.

    Args:
        cache: has them as they were last seen.
        index: has the Applications.
        namespaces: full names.
    """
    keys = (key for space in sorted(namespaces) for key in sorted(index.in_namespace(space)))
    places = (key.partition("/") for key in keys)
    for namespace, _, name in places:
        for seen in cache.of_application(namespace, name, "NetworkPolicy").values():
            yield seen.body
