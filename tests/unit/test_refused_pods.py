"""Why a pod was not let in, from what the API server said."""

import pytest

from tenantry.api.base import Manifest
from tenantry.refused_pods import RefusedPods, cause_of

QUOTA = (
    'pods "web-x" is forbidden: exceeded quota: tenantry, requested: pods=1,requests.cpu=2, '
    "used: pods=4,requests.cpu=9, limited: pods=4,requests.cpu=10"
)
POD_SECURITY = (
    'pods "web-x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true '
    '(pod or container "main" must set securityContext.runAsNonRoot=true)'
)
POLICY = (
    "pods \"web-x\" is forbidden: ValidatingAdmissionPolicy 'tenantry-images' with binding "
    "'tenantry-images' denied request: tenant acme: image x is not among those allowed"
)


@pytest.mark.parametrize(
    ("said", "reason", "told"),
    [
        (QUOTA, "QuotaExceeded", "pods, requests.cpu: asked for pods=1,requests.cpu=2"),
        (
            'pods "x" is forbidden: failed quota: tenantry: must specify limits.cpu for: main',
            "QuotaExceeded",
            "limits.cpu for: main",
        ),
        (POD_SECURITY, "PodSecurityViolation", "securityContext.runAsNonRoot=true"),
        (POLICY, "PolicyViolation", "tenant acme: image x is not among those allowed"),
        (
            'error looking up service account a/b: serviceaccount "b" not found',
            "ServiceAccountMissing",
            'serviceaccount "b" not found',
        ),
        ("no room at the inn", "FailedCreate", "no room at the inn"),
    ],
)
def test_the_cause_is_named(said: str, reason: str, told: str) -> None:
    cause = cause_of(said)

    assert cause.reason == reason
    assert told in cause.message


def _event(message: str) -> Manifest:
    about = {"kind": "StatefulSet", "namespace": "acme-web", "name": "db"}
    return {"metadata": {"namespace": "acme-web"}, "involvedObject": about, "message": message}


def test_the_last_word_is_remembered_until_the_workload_has_what_it_wants() -> None:
    refused = RefusedPods()

    assert refused.hear(_event("one"))
    assert not refused.hear(_event("one"))
    assert refused.hear(_event("other"))
    assert refused.of("acme-web", "StatefulSet", "db") == cause_of("other")
    refused.forget("acme-web", "StatefulSet", "db")
    assert refused.of("acme-web", "StatefulSet", "db") is None
