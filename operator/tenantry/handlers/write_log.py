"""Puts each write to the cluster into the log, with the tenant that it was made for."""

from collections.abc import Callable

from tenantry.cluster.cache import Cache
from tenantry.cluster.writes import Write
from tenantry.telemetry.logging import get_logger, log_change

log = get_logger(__name__)


def writes_logged(cache: Cache) -> Callable[[Write], None]:
    """What a ``Writer`` is to tell of each write.

    Args:
        cache: knows whose namespace an Application is in.
    """

    def written(write: Write) -> None:
        namespace, is_applications, _ = write.owner.partition("/")
        whose = {"tenant": write.owner}
        if is_applications:
            tenant = cache.owner_of(("Namespace", "", namespace))
            whose = {"tenant": tenant, "application": write.owner}
        log_change(log, write.verb, write.key, cause=write.cause, changed=write.changed, **whose)

    return written
