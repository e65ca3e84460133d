"""Who may see which costs: asked of Kubernetes, and remembered for some seconds.

Who somebody is says a TokenReview, what they may do a SubjectAccessReview. Whoever may ``get`` a
Tenant reads in its status what it costs, and so may see its costs; whoever may ``list`` Tenants may
see all (docs/adr/0027-costs-are-seen-by-who-sees-tenants.md). Where Kubernetes does not answer,
nobody sees anything.

https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from cachetools import TTLCache

from tenantry.api.base import Manifest
from tenantry.cluster.client import Client
from tenantry.cluster.resources import SUBJECT_ACCESS_REVIEWS, TENANTS, TOKEN_REVIEWS, Resource

MEMORY: Final = 10.0
"""Seconds for which an answer is remembered, as the API server's own extensions do by default
(``--authentication-token-webhook-cache-ttl`` of k8s.io/apiserver)."""
_KNOWN: Final = 4096
"""Answers that are remembered at once; the oldest go first."""


class NotAuthenticatedError(Exception):
    """Kubernetes does not know whose token this is; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as a TokenReview tells.

    Attributes:
        key: by which answers about them are remembered; not the token.
        name: the user's name.
        subject: the fields of a SubjectAccessReview that say who it is.
    """

    key: str
    name: str
    subject: Manifest


_UNKNOWN: Final = Person("", "", {})


class Access:
    """Asks and remembers; used on one event loop.

    Args:
        client: whose identity may create both reviews.
        clock: seconds, that only go forward.
    """

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._people: TTLCache[str, Person | None] = TTLCache(_KNOWN, MEMORY, clock)
        self._verdicts: TTLCache[tuple[str, str], bool] = TTLCache(_KNOWN, MEMORY, clock)

    async def person(self, token: str) -> Person:
        """Whose token it is.

        Raises:
            NotAuthenticatedError: nobody's.
            ApiError: that could not be asked.
        """
        key = sha256(token.encode()).hexdigest()
        found = self._people.get(key, _UNKNOWN)
        if found is _UNKNOWN:
            found = _person(key, await self._review(TOKEN_REVIEWS, {"token": token}))
            self._people[key] = found
        if found is None:
            raise NotAuthenticatedError(
                "Kubernetes does not accept this token: it has expired, or is of another cluster"
            )
        return found

    async def may_see(self, person: Person, tenant: str) -> bool:
        """Whether somebody may see what a tenant costs; or, if it is empty, what everything does.

        Raises:
            ApiError: that could not be asked.
        """
        if tenant and await self._may(person, "get", tenant):
            return True
        return await self._may(person, "list", "")

    async def _may(self, person: Person, verb: str, name: str) -> bool:
        key = person.key, f"{verb} {name}"
        known = self._verdicts.get(key)
        if known is not None:
            return known
        wanted = {"group": TENANTS.group, "version": TENANTS.version, "resource": TENANTS.plural}
        asked = wanted | {"verb": verb} | ({"name": name} if name else {})
        status = await self._review(
            SUBJECT_ACCESS_REVIEWS, person.subject | {"resourceAttributes": asked}
        )
        allowed = status.get("allowed") is True and status.get("denied") is not True
        self._verdicts[key] = allowed
        return allowed

    async def _review(self, resource: Resource, spec: Manifest) -> Manifest:
        review = {
            "apiVersion": resource.api_version,
            "kind": resource.kind,
            "metadata": {},
            "spec": spec,
        }
        answer = await self._client.create(resource, review, urgent=False)
        status: Manifest = answer.get("status") or {}
        return status


def _person(key: str, status: Manifest) -> Person | None:
    user: dict[str, Any] = status.get("user") or {}
    if status.get("authenticated") is not True or status.get("error") or not user.get("username"):
        return None
    subject = {
        "user": user["username"],
        "uid": user.get("uid", ""),
        "groups": user.get("groups") or [],
        "extra": user.get("extra") or {},
    }
    return Person(key, user["username"], subject)
