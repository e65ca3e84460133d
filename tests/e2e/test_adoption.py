"""A namespace that was there before: taken, or left alone and told why."""

import pytest

import workloads
from cluster_api import ClusterApi
from conftest import MakeTenant
from operator_process import OperatorProcess
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from tenantry.api.names import PROTECTED_LABEL
from waiting import eventually


def _namespace(name: str, **labels: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _policy(policy: str, **labels: str) -> Manifest:
    return {"adoptionPolicy": policy, "labels": labels}


@pytest.fixture
async def existing(api: ClusterApi, name: str) -> str:
    """A namespace with a label and a workload of its own, named as the tenant's will be."""
    await api.create(_namespace(f"{name}-web", **{"example.com/team": "old"}))
    await api.create(workloads.config_map("settings", f"{name}-web"))
    return f"{name}-web"


async def _untouched(api: ClusterApi, name: str) -> bool:
    seen = await api.get("Namespace", name)
    made = [await api.list(kind, name) for kind in ("ResourceQuota", "RoleBinding")]
    return "tenantry.io/tenant" not in seen["metadata"]["labels"] and not any(made)


async def test_by_default_it_is_left_alone(
    existing: str, make_tenant: MakeTenant, api: ClusterApi
) -> None:
    acme = await make_tenant(ready=False, namespaces=["web", "db"])

    seen = await acme.becomes("Ready", "False", "NotAdopted")

    assert existing in seen["message"]
    assert "adoptionPolicy" in seen["message"]
    assert await _untouched(api, existing)
    state = await acme.state_of("web")
    assert (state["state"], state["reason"]) == ("NotAdopted", "NotAdopted")
    assert (await acme.state_of("db"))["state"] == "Active"


async def _trusted(acme: LiveTenant, short: str) -> str:
    """All that says whom a namespace lets in."""
    floor, space = (
        await acme.made("NetworkPolicy", short=short),
        await acme.made("Namespace", short=short),
    )
    return f"{floor['spec']} {space['metadata']['annotations']}"


async def test_it_is_not_let_in_like_one_of_the_tenants_own(
    existing: str, make_tenant: MakeTenant, api: ClusterApi
) -> None:
    same = {"sameTenant": True}
    acme = await make_tenant(ready=False, namespaces=["web", "db"], network=same)

    await acme.becomes("Ready", "False", "NotAdopted")
    assert existing not in await _trusted(acme, "db")

    await api.delete("Namespace", existing)
    await acme.ready()
    assert existing in await _trusted(acme, "db")


async def test_what_would_be_overwritten_is_told(
    existing: str, make_tenant: MakeTenant, api: ClusterApi
) -> None:
    options = _policy("IfIdentical", **{"example.com/team": "new"})
    acme = await make_tenant(ready=False, namespaceOptions=options)

    seen = await acme.becomes("NamespacesReady", "False", "NotIdentical")

    assert "label example.com/team ('old', not 'new')" in seen["message"]
    assert await _untouched(api, existing)
    assert (await acme.becomes("Stalled", "True"))["reason"] == "NotIdentical"


@pytest.mark.parametrize("label", ["old", None], ids=["with the same label", "without the label"])
async def test_one_in_which_nothing_would_be_overwritten_is_taken(
    label: str | None, existing: str, make_tenant: MakeTenant, api: ClusterApi
) -> None:
    labels = {"example.com/team": label} if label else {}
    acme = await make_tenant(namespaceOptions=_policy("IfIdentical", **labels))

    seen = await api.get("Namespace", existing)
    assert seen["metadata"]["labels"]["tenantry.io/tenant"] == acme.name
    assert seen["metadata"]["labels"]["example.com/team"] == "old"
    assert await acme.made("ResourceQuota")
    assert await api.get("ConfigMap", "settings", existing)


async def test_always_overwrites_and_keeps_the_rest(
    existing: str, make_tenant: MakeTenant, api: ClusterApi
) -> None:
    before = await api.get("Namespace", existing)
    await make_tenant(namespaceOptions=_policy("Always", **{"example.com/team": "new"}))

    seen = await api.get("Namespace", existing)
    assert seen["metadata"]["labels"]["example.com/team"] == "new"
    assert seen["metadata"]["uid"] == before["metadata"]["uid"]
    assert await api.get("ConfigMap", "settings", existing)


async def test_one_that_is_protected_is_never_taken(
    existing: str, make_tenant: MakeTenant, api: ClusterApi
) -> None:
    await api.patch("Namespace", existing, {"metadata": {"labels": {PROTECTED_LABEL: "true"}}})
    acme = await make_tenant(ready=False, namespaceOptions={"adoptionPolicy": "Always"})

    seen = await acme.becomes("Ready", "False")

    assert PROTECTED_LABEL in seen["message"]
    assert await _untouched(api, existing)
    await api.patch("Namespace", existing, {"metadata": {"labels": {PROTECTED_LABEL: None}}})
    await acme.ready()


async def test_a_change_of_mind_is_enough(existing: str, make_tenant: MakeTenant) -> None:
    acme = await make_tenant(ready=False)
    await acme.becomes("Ready", "False", "NotAdopted")

    await acme.apply(namespaceOptions=_policy("IfIdentical"))

    await acme.ready()
    assert (await acme.made("Namespace"))["metadata"]["name"] == existing


async def test_it_is_made_once_the_one_in_the_way_is_gone(
    existing: str, make_tenant: MakeTenant, api: ClusterApi
) -> None:
    acme = await make_tenant(ready=False)
    await acme.becomes("Ready", "False", "NotAdopted")

    await api.delete("Namespace", existing)

    await acme.ready()
    assert not await api.find("ConfigMap", "settings", existing)


async def test_another_tenants_namespace_is_never_taken(
    make_tenant: MakeTenant, api: ClusterApi, name: str
) -> None:
    label = {"tenantry.io/tenant": "somebody-else"}
    await api.create(_namespace(f"{name}-web", **label))
    acme = await make_tenant(ready=False, namespaceOptions=_policy("Always"))

    seen = await acme.becomes("Ready", "False", "HeldByAnotherTenant")

    assert f"{name}-web" in seen["message"]
    assert (await acme.state_of("web"))["state"] == "Conflict"
    assert (await api.get("Namespace", f"{name}-web"))["metadata"][
        "labels"
    ].items() >= label.items()


async def test_objects_in_the_way_become_what_they_should_be(
    existing: str, make_tenant: MakeTenant, api: ClusterApi
) -> None:
    """A quota and a binding of the operator's names: fields change, an immutable one too."""
    rbac = "rbac.authorization.k8s.io"
    await api.create(
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "tenantry", "namespace": existing, "labels": {"a.b/mine": "1"}},
            "spec": {"hard": {"pods": "1", "count/x.y": "2"}},
        }
    )
    await api.create(
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "tenantry-owners", "namespace": existing},
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "view"},
            "subjects": [{"apiGroup": rbac, "kind": "User", "name": "eve"}],
        }
    )

    acme = await make_tenant(namespaceOptions=_policy("Always"))

    quota = await acme.made("ResourceQuota")
    binding = await acme.made("RoleBinding", "tenantry-owners")
    assert quota["spec"]["hard"]["pods"] == "50"
    assert "count/x.y" not in quota["spec"]["hard"]
    assert quota["metadata"]["labels"]["a.b/mine"] == "1"
    assert binding["roleRef"]["name"] == "admin"
    assert [one["name"] for one in binding["subjects"]] == ["olivia"]


async def test_a_binding_of_ours_that_names_another_role_is_replaced(
    api: ClusterApi, make_tenant: MakeTenant, name: str
) -> None:
    """Its labels say that it is the operator's, so it is known before it is looked at."""
    rbac = "rbac.authorization.k8s.io"
    ours = {"tenantry.io/tenant": name, "app.kubernetes.io/managed-by": "tenantry"}
    await api.create(_namespace(f"{name}-web", **ours))
    binding = {
        "apiVersion": f"{rbac}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "tenantry-owners", "namespace": f"{name}-web", "labels": ours},
        "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": rbac, "kind": "User", "name": "olivia"}],
    }
    before = await api.create(binding)

    acme = await make_tenant()

    after = await acme.made("RoleBinding", "tenantry-owners")
    assert after["roleRef"]["name"] == "admin"
    assert after["metadata"]["uid"] != before["metadata"]["uid"]


async def test_one_that_is_on_its_way_out_is_waited_for(
    existing: str, make_tenant: MakeTenant, api: ClusterApi
) -> None:
    held = {"metadata": {"finalizers": ["example.com/hold"]}}
    await api.patch("ConfigMap", "settings", held, existing)
    await api.delete("Namespace", existing)
    acme = await make_tenant(ready=False, namespaceOptions=_policy("Always"))

    await acme.becomes("Ready", "False", "NamespaceTerminating")
    assert (await acme.state_of("web"))["state"] == "Terminating"

    await api.patch("ConfigMap", "settings", {"metadata": {"finalizers": None}}, existing)
    await acme.ready()


async def test_the_refusal_stays_the_same_while_nothing_changes(
    existing: str, make_tenant: MakeTenant, operator: OperatorProcess
) -> None:
    acme = await make_tenant(ready=False)
    first = await acme.becomes("Ready", "False", "NotAdopted")
    version = (await acme.get())["metadata"]["resourceVersion"]

    async def tries() -> int:
        records = operator.records()
        return sum(one["message"] == "retrying" and one["tenant"] == acme.name for one in records)

    so_far = await tries()
    await eventually(tries, lambda count: count >= so_far + 3)

    assert existing in first["message"]
    assert (await acme.get())["metadata"]["resourceVersion"] == version
