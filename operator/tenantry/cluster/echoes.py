"""What is heard of an object while a write to it is on its way: the write's own echo, or more."""

from tenantry.api.base import Manifest
from tenantry.api.names import APPLICATION_LABEL, TENANT_LABEL
from tenantry.cluster.cache import Cache
from tenantry.cluster.resources import APPLICATIONS, TENANTS
from tenantry.observed import Key


class Echoes:
    """A write to one object on its way: what it answered, and what was heard meanwhile."""

    def __init__(self, cache: Cache, key: Key) -> None:
        self._cache, self._key = cache, key
        self._own: set[int] = set()
        self._heard: set[int] = set()
        self._gone_at = 0
        self._is_deletion = False

    def take(self, answer: Manifest) -> None:
        """Take in what the API server answered, unless the object is known to be gone since."""
        version = int(answer["metadata"]["resourceVersion"])
        self._own.add(version)
        if not _is_watched(answer):
            self._cache.discard(self._key)
        elif version > self._gone_at:
            self._cache.upsert(answer)

    def take_deleted(self, answer: Manifest) -> None:
        """Take in the answer to a deletion: a Status, the object as it last was, or as it waits.

        One that waits for a finalizer is marked so; of some kinds a deleted object is given back
        as if it were still there.
        """
        if "deletionTimestamp" in answer["metadata"]:
            self.take(answer)
            return
        self._is_deletion = True
        self._cache.discard(self._key)

    def hear(self, version: int, *, is_gone: bool) -> None:
        """The watch told of the object at this version; it is in the cache, or out of it."""
        if is_gone:
            self._gone_at = version
        else:
            self._heard.add(version)

    @property
    def is_overtaken(self) -> bool:
        """Whether somebody else changed the object around the time of the write."""
        is_lost = self._gone_at and not self._is_deletion
        return bool(is_lost or self._heard - self._own)


def _is_watched(manifest: Manifest) -> bool:
    """Whether the watch would tell of it: what is nobody's any more it does not."""
    if manifest["kind"] in {TENANTS.kind, APPLICATIONS.kind}:
        return True
    labels = manifest["metadata"].get("labels", {})
    return TENANT_LABEL in labels or APPLICATION_LABEL in labels
