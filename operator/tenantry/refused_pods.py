"""Pure: why a pod was not let in, from what the API server said to whoever tried to make it.

The API server names no fields and keys in a form of their own, so its messages are read as they are
written in ``staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go`` and
``staging/src/k8s.io/pod-security-admission/admission/admission.go``.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from tenantry.api.base import Manifest

_QUOTA: Final = re.compile(
    r"exceeded quota: (?P<quota>[^,]+), requested: (?P<asked>.*?), used: (?P<used>.*?), "
    r"limited: (?P<limited>.*)$"
)
_UNSTATED: Final = re.compile(r"failed quota: (?P<quota>[^:]+): must specify (?P<keys>.*)$")
_POD_SECURITY: Final = re.compile(r'violates PodSecurity "(?P<level>[^"]+)": (?P<fields>.*)$')
_POLICY: Final = re.compile(r"ValidatingAdmissionPolicy '(?P<policy>[^']+)'.* denied request: ")
_ABSENT: Final = re.compile(r"error looking up service account [^:]*: (?P<what>.*)$")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why, in one CamelCase word and for a person."""

    reason: str
    message: str


def cause_of(message: str) -> Cause:
    """What stood in the way of a pod."""
    if found := _QUOTA.search(message):
        keys = [one.partition("=")[0].strip() for one in found["asked"].split(",")]
        text = (
            f"{', '.join(keys)}: asked for {found['asked']}, used {found['used']} of "
            f"{found['limited']} (ResourceQuota {found['quota']})"
        )
        return Cause("QuotaExceeded", text)
    if found := _UNSTATED.search(message):
        text = f"resources must say {found['keys']}, for ResourceQuota {found['quota']} counts it"
        return Cause("QuotaExceeded", text)
    if found := _POD_SECURITY.search(message):
        return Cause("PodSecurityViolation", f"level {found['level']}: {found['fields']}")
    if found := _POLICY.search(message):
        return Cause("PolicyViolation", message[found.end() :])
    if found := _ABSENT.search(message):
        return Cause("ServiceAccountMissing", found["what"])
    return Cause("FailedCreate", message)


REFUSALS: Final = frozenset(
    {
        *("QuotaExceeded", "PodSecurityViolation", "PolicyViolation"),
        *("ServiceAccountMissing", "FailedCreate"),
    }
)
"""Reasons of causes."""


@dataclass(slots=True)
class RefusedPods:
    """What was last said of pods that a workload could not have, by namespace, kind and name.

    A Deployment says it in its own status; of the others' controllers there are only Events. What
    is remembered counts as long as the workload lacks pods.
    """

    _said: dict[tuple[str, str, str], Cause] = field(default_factory=dict)

    def hear(self, event: Manifest) -> bool:
        """Take in an Event; gives whether it says something new about a workload."""
        about = event.get("involvedObject", {})
        key = about.get("namespace", ""), about.get("kind", ""), about.get("name", "")
        message = event.get("message") or ""
        cause = cause_of(message)
        is_new = bool(message) and self._said.get(key) != cause
        if is_new:
            self._said[key] = cause
        return is_new

    def of(self, namespace: str, kind: str, name: str) -> Cause | None:
        """What was said of a workload, None if nothing was."""
        return self._said.get((namespace, kind, name))

    def forget(self, namespace: str, kind: str, name: str) -> None:
        """The workload has what it should have, or is gone."""
        self._said.pop((namespace, kind, name), None)
