"""What the operator owns is restored when anyone changes or deletes it; what others own stays."""

from dataclasses import dataclass
from typing import Any

import pytest

from cluster_api import ClusterApi
from conftest import MakeTenant
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from tenantry.observed import observe
from waiting import eventually

EVERYTHING: dict[str, Any] = {
    "editors": [{"kind": "Group", "name": "developers"}],
    "cost": {"costCenter": "CC-1"},
    "nodeSelector": {"pool": "a"},
    "namespaceOptions": {"labels": {"example.com/team": "a"}},
}
OWNED = {
    "ResourceQuota": "tenantry",
    "LimitRange": "tenantry",
    "NetworkPolicy": "tenantry",
    "ServiceAccount": "default",
    "RoleBinding": "tenantry-editors",
}


@pytest.fixture
async def acme(make_tenant: MakeTenant) -> LiveTenant:
    return await make_tenant(**EVERYTHING)


def _content(seen: Manifest) -> Any:
    """What counts: the rest is the API server's or somebody else's."""
    return observe(seen).body


@pytest.mark.parametrize("kind", OWNED)
async def test_a_deleted_object_is_made_anew(kind: str, acme: LiveTenant) -> None:
    name = OWNED[kind]
    before = await acme.made(kind, name)

    await acme.api.delete(kind, name, acme.namespace())

    after = await eventually(
        lambda: acme.made(kind, name),
        lambda seen: (
            seen["metadata"]["uid"] != before["metadata"]["uid"]
            and _content(seen) == _content(before)
        ),
    )
    assert after["metadata"]["labels"]["tenantry.io/tenant"] == acme.name


async def test_a_deleted_namespace_is_made_anew_with_all_that_belongs_into_it(
    acme: LiveTenant,
) -> None:
    before = {kind: await acme.made(kind, name) for kind, name in OWNED.items()}
    namespace = await acme.made("Namespace")

    await acme.api.delete("Namespace", acme.namespace())

    await eventually(
        lambda: acme.made("Namespace"),
        lambda seen: seen["metadata"]["uid"] != namespace["metadata"]["uid"],
    )
    for kind, name in OWNED.items():
        again = await acme.appears(kind, name)
        assert _content(again) == _content(before[kind])
    await acme.ready()


@dataclass(frozen=True)
class Edit:
    """Somebody's merge patch of an object."""

    kind: str
    patch: Manifest
    name: str = "tenantry"


EDITS = {
    "a raised quota": Edit("ResourceQuota", {"spec": {"hard": {"pods": "9999"}}}),
    "a quota key that is taken out": Edit("ResourceQuota", {"spec": {"hard": {"pods": None}}}),
    "a quota key that is put in": Edit("ResourceQuota", {"spec": {"hard": {"count/x.y": "1"}}}),
    "limits that are taken out": Edit("LimitRange", {"spec": {"limits": []}}),
    "limits that are changed": Edit(
        "LimitRange", {"spec": {"limits": [{"type": "Container", "max": {"cpu": "64"}}]}}
    ),
    "a network policy that is opened": Edit("NetworkPolicy", {"spec": {"ingress": [{}]}}),
    "a network policy for other pods": Edit(
        "NetworkPolicy", {"spec": {"podSelector": {"matchLabels": {"app": "none"}}}}
    ),
    "a network policy for one direction": Edit(
        "NetworkPolicy", {"spec": {"policyTypes": ["Ingress"], "egress": None}}
    ),
    "a token that is mounted": Edit(
        "ServiceAccount", {"automountServiceAccountToken": True}, name="default"
    ),
    "a subject that is put in": Edit(
        "RoleBinding",
        {"subjects": [{"kind": "User", "name": "eve", "apiGroup": "rbac.authorization.k8s.io"}]},
        name="tenantry-editors",
    ),
    "subjects that are taken out": Edit("RoleBinding", {"subjects": None}, name="tenantry-editors"),
    "an ownership label that is taken off": Edit(
        "ResourceQuota", {"metadata": {"labels": {"tenantry.io/tenant": None}}}
    ),
    "a managed-by label that is changed": Edit(
        "NetworkPolicy", {"metadata": {"labels": {"app.kubernetes.io/managed-by": "Helm"}}}
    ),
    "a cost label that is forged": Edit(
        "ResourceQuota", {"metadata": {"labels": {"tenantry.io/cost-center": "theirs"}}}
    ),
    "a pod security level that is lowered": Edit(
        "Namespace",
        {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}},
    ),
    "a namespace's cost label that is taken off": Edit(
        "Namespace", {"metadata": {"labels": {"tenantry.io/cost-center": None}}}
    ),
    "a namespace's own label that is changed": Edit(
        "Namespace", {"metadata": {"labels": {"example.com/team": "z"}}}
    ),
    "a node selector that is taken off": Edit("Namespace", {"metadata": {"annotations": None}}),
}


@pytest.mark.parametrize("what", EDITS)
async def test_an_edit_is_undone(what: str, acme: LiveTenant) -> None:
    edit = EDITS[what]
    before = await acme.made(edit.kind, edit.name)
    namespace = None if edit.kind == "Namespace" else acme.namespace()
    target = acme.namespace() if edit.kind == "Namespace" else edit.name

    edited = await acme.api.patch(edit.kind, target, edit.patch, namespace)

    assert _content(edited) != _content(before)
    await eventually(
        lambda: acme.made(edit.kind, edit.name),
        lambda seen: _content(seen) == _content(before),
    )


async def test_a_namespace_that_loses_the_tenants_label_gets_it_back(acme: LiveTenant) -> None:
    before = await acme.made("Namespace")
    bare = {"metadata": {"labels": {"tenantry.io/tenant": None}}}

    await acme.api.patch("Namespace", acme.namespace(), bare)

    after = await eventually(
        lambda: acme.made("Namespace"), lambda seen: _content(seen) == _content(before)
    )
    assert after["metadata"]["uid"] == before["metadata"]["uid"]


OTHERS: Manifest = {
    "labels": {"example.com/owner": "somebody"},
    "annotations": {"example.com/note": "keep"},
}


@pytest.mark.parametrize("kind", ["Namespace", *OWNED])
async def test_labels_and_annotations_of_others_outlive_a_repair(
    kind: str, acme: LiveTenant
) -> None:
    name = acme.namespace() if kind == "Namespace" else OWNED[kind]
    namespace = None if kind == "Namespace" else acme.namespace()
    await acme.api.patch(kind, name, {"metadata": OTHERS}, namespace)
    forged = {"metadata": {"labels": {"tenantry.io/cost-center": "forged"}}}

    await acme.api.patch(kind, name, forged, namespace)

    seen = await eventually(
        lambda: acme.api.get(kind, name, namespace),
        lambda seen: seen["metadata"]["labels"]["tenantry.io/cost-center"] == "CC-1",
    )
    assert OTHERS["labels"].items() <= seen["metadata"]["labels"].items()
    assert OTHERS["annotations"].items() <= seen["metadata"]["annotations"].items()


async def test_pull_secrets_of_the_default_service_account_outlive_a_repair(
    acme: LiveTenant,
) -> None:
    secrets = [{"name": "registry"}]
    space = acme.namespace()
    await acme.api.patch("ServiceAccount", "default", {"imagePullSecrets": secrets}, space)

    edit = {"automountServiceAccountToken": True}
    await acme.api.patch("ServiceAccount", "default", edit, space)

    seen = await eventually(
        lambda: acme.made("ServiceAccount", "default"),
        lambda seen: seen["automountServiceAccountToken"] is False,
    )
    assert seen["imagePullSecrets"] == secrets


async def test_an_edit_in_the_operators_own_name_is_undone_as_well(acme: LiveTenant) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "tenantry", "namespace": acme.namespace()},
        "spec": {"hard": {"pods": "9999"}},
    }
    before = await acme.made("ResourceQuota")

    await acme.api.apply(quota, manager="tenantry", force=True)

    await eventually(
        lambda: acme.made("ResourceQuota"), lambda seen: _content(seen) == _content(before)
    )


async def test_objects_of_the_tenants_own_are_left_alone(acme: LiveTenant, api: ClusterApi) -> None:
    """Even a copy of one of the operator's, labels and all, belongs to whoever made it."""
    original = await acme.made("NetworkPolicy")
    copy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": "copy",
            "namespace": acme.namespace(),
            "labels": original["metadata"]["labels"],
        },
        "spec": original["spec"],
    }
    made = await api.create(copy)

    await acme.apply(cost={"costCenter": "CC-2"})
    await acme.ready()

    seen = await api.get("NetworkPolicy", "copy", acme.namespace())
    assert seen["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
