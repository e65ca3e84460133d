"""Whether anything has changed of what decides about an Application's objects.

What should be is a function of what is hashed here. Most looks are for the sake of the status, and
rendering is what a look costs: so the look leaves it out while the fingerprint is as it was when
nothing was left to write.
"""

from dataclasses import dataclass

from tenantry.api.application import Application
from tenantry.api.tenant import Tenant
from tenantry.application_ground import ground_of
from tenantry.application_index import ApplicationIndex
from tenantry.cluster.cache import Cache, application_key
from tenantry.observed import Key


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Of Applications, as they and what is around them are known now.

    Args:
        cache: of all objects.
        index: of all Applications.
    """

    cache: Cache
    index: ApplicationIndex

    def of(self, application: Application, tenant: Tenant, *decisive: object) -> int:
        """Of all that decides about an Application's objects, and of these.

        Args:
            application: without what others have of it.
            tenant: whose it is.
            decisive: what else decides, such as the time and the kinds that are served.
        """
        key = application_key(application.namespace, application.name)
        around, grounds = self._neighbourhood(key)
        around += [("Namespace", "", application.namespace), ("Tenant", "", tenant.name)]
        spaces = [(one.name, one.state) for one in tenant.status.namespaces]
        made = [(one.name, *(e.host for e in one.expose)) for one in application.spec.components]
        own = self.cache.fingerprint(key, *around)
        return hash((own, *decisive, *spaces, *sorted(grounds), *made))

    def _neighbourhood(self, key: str) -> tuple[list[Key], list[tuple[str, bool]]]:
        """The neighbours and what decides about them; and which of their namespaces are ready."""
        places = [other.partition("/") for other in self.index.neighbours(key)]
        spaces = {namespace for namespace, _, _ in places}
        around = [("Application", namespace, name) for namespace, _, name in places]
        for namespace in spaces:
            space = ("Namespace", "", namespace)
            around += [space, ("Tenant", "", self.cache.owner_of(space))]
        grounds = [(one, ground_of(one, self.cache.get)[2] is None) for one in spaces]
        return around, grounds
