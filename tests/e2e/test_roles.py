"""Owners, editors and viewers: what each may do, asked of the API server as each of them."""

import pytest

import workloads
from cluster_api import ClusterApi
from conftest import AsUser, MakeTenant
from tenancy import LiveTenant
from tenantry.cluster.errors import Forbidden
from waiting import eventually

GROUPS = ("owners", "editors", "viewers")
RBAC = "rbac.authorization.k8s.io"


@pytest.fixture
async def acme(make_tenant: MakeTenant, name: str) -> LiveTenant:
    """A tenant whose roles are held by groups named after it, and a neighbour."""
    await make_tenant("n")
    subjects = {role: [{"kind": "Group", "name": f"{name}-{role}"}] for role in GROUPS}
    return await make_tenant(**subjects, allowed={"subjects": ["User:newcomer"]})


@pytest.fixture
async def owner(acme: LiveTenant, as_user: AsUser) -> ClusterApi:
    return await as_user("olga", f"{acme.name}-owners")


@pytest.fixture
async def editor(acme: LiveTenant, as_user: AsUser) -> ClusterApi:
    return await as_user("edward", f"{acme.name}-editors")


@pytest.fixture
async def viewer(acme: LiveTenant, as_user: AsUser) -> ClusterApi:
    return await as_user("vera", f"{acme.name}-viewers")


def _role_binding(acme: LiveTenant, cluster_role: str) -> dict[str, object]:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "by-owner", "namespace": acme.namespace()},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": cluster_role},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": "newcomer"}],
    }


async def test_an_owner_runs_workloads_and_lets_others_in(
    acme: LiveTenant, owner: ClusterApi, as_user: AsUser
) -> None:
    space = acme.namespace()
    newcomer = await as_user("newcomer")
    assert not await newcomer.may("list", "pods", space)

    await owner.create(workloads.deployment("web", space))
    await owner.create(_role_binding(acme, "view"))

    await eventually(lambda: newcomer.may("list", "pods", space))
    assert await owner.get("Deployment", "web", space)


@pytest.mark.parametrize(
    ("verb", "resource", "group"),
    [
        pytest.param("delete", "namespaces", "", id="delete the namespace"),
        pytest.param("patch", "namespaces", "", id="relabel the namespace"),
        pytest.param("update", "resourcequotas", "", id="raise the quota"),
        pytest.param("delete", "resourcequotas", "", id="delete the quota"),
        pytest.param("update", "limitranges", "", id="change the limits"),
        pytest.param("patch", "tenants", "tenantry.io", id="change the Tenant"),
        pytest.param("create", "namespaces", "", id="make a namespace"),
        pytest.param("get", "nodes", "", id="look at nodes"),
    ],
)
async def test_an_owner_cannot(
    verb: str, resource: str, group: str, acme: LiveTenant, owner: ClusterApi
) -> None:
    assert not await owner.may(verb, resource, acme.namespace(), group)


async def test_an_owner_cannot_grant_more_than_they_hold(
    acme: LiveTenant, owner: ClusterApi
) -> None:
    with pytest.raises(Forbidden, match="attempting to grant RBAC permissions not currently held"):
        await owner.create(_role_binding(acme, "cluster-admin"))


async def test_an_editor_runs_workloads_and_lets_nobody_in(
    acme: LiveTenant, editor: ClusterApi
) -> None:
    await editor.create(workloads.deployment("web", acme.namespace()))
    await editor.create(workloads.config_map("settings", acme.namespace()))

    with pytest.raises(Forbidden, match='cannot create resource "rolebindings"'):
        await editor.create(_role_binding(acme, "view"))


async def test_a_viewer_looks_and_changes_nothing(
    acme: LiveTenant, viewer: ClusterApi, api: ClusterApi
) -> None:
    space = acme.namespace()
    await api.create(workloads.config_map("settings", space))

    assert await viewer.get("ConfigMap", "settings", space)
    with pytest.raises(Forbidden, match="cannot create resource"):
        await viewer.create(workloads.pod("mine", space))
    with pytest.raises(Forbidden, match="cannot delete resource"):
        await viewer.delete("ConfigMap", "settings", space)
    with pytest.raises(Forbidden, match='cannot list resource "secrets"'):
        await viewer.list("Secret", space)


@pytest.mark.parametrize("role", GROUPS)
async def test_nobody_gets_into_another_tenants_namespace(
    role: str, acme: LiveTenant, name: str, as_user: AsUser
) -> None:
    somebody = await as_user("somebody", f"{acme.name}-{role}")
    neighbours = f"{name}n-web"

    assert await somebody.may("list", "pods", acme.namespace())
    with pytest.raises(Forbidden, match='cannot list resource "pods"'):
        await somebody.list("Pod", neighbours)
    with pytest.raises(Forbidden, match='cannot get resource "configmaps"'):
        await somebody.get("ConfigMap", "kube-root-ca.crt", neighbours)


async def test_a_further_role_is_held_where_it_says(
    make_tenant: MakeTenant, as_user: AsUser, name: str
) -> None:
    auditors = {"kind": "Group", "name": f"{name}-auditors"}
    binding = {"clusterRole": "quota-reader", "subjects": [auditors], "namespaces": ["db"]}
    acme = await make_tenant(namespaces=["web", "db"], roleBindings=[binding])
    auditor = await as_user("aud", f"{name}-auditors")

    assert await auditor.list("ResourceQuota", acme.namespace("db"))
    assert not await auditor.may("list", "resourcequotas", acme.namespace("web"))
    assert not await auditor.may("list", "pods", acme.namespace("db"))


async def test_a_service_account_of_another_namespace_may_be_an_editor(
    make_tenant: MakeTenant, api: ClusterApi
) -> None:
    pipeline = {"kind": "ServiceAccount", "name": "deployer", "namespace": "default"}
    acme = await make_tenant(editors=[pipeline])

    made = await acme.made("RoleBinding", "tenantry-editors")

    assert made["subjects"] == [pipeline]
    assert await api.may("create", "pods", acme.namespace())


async def test_an_api_group_may_be_written_as_in_a_role_binding(make_tenant: MakeTenant) -> None:
    ann = {"kind": "User", "name": "ann", "apiGroup": RBAC}

    acme = await make_tenant(owners=[ann])

    assert (await acme.made("RoleBinding", "tenantry-owners"))["subjects"] == [ann]


async def test_somebody_who_is_taken_out_loses_access(
    make_tenant: MakeTenant, as_user: AsUser, name: str
) -> None:
    ex = {"kind": "User", "name": f"{name}-ex"}
    acme = await make_tenant(editors=[ex])
    person = await as_user(f"{name}-ex")
    assert await person.may("create", "pods", acme.namespace())

    await acme.apply(editors=None)
    await acme.ready()

    assert not await person.may("create", "pods", acme.namespace())


@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        pytest.param("NetworkPolicy", "tenantry", id="the isolation"),
        pytest.param("ServiceAccount", "default", id="the default service account"),
        pytest.param("RoleBinding", "tenantry-viewers", id="somebody's access"),
    ],
)
async def test_an_owner_cannot_delete_what_the_operator_made(
    kind: str, thing: str, acme: LiveTenant, owner: ClusterApi
) -> None:
    """Kubernetes' role admin includes these; an admission policy does not."""
    with pytest.raises(Forbidden, match=f"tenant {acme.name}: managed objects: delete of {kind}"):
        await owner.delete(kind, thing, acme.namespace())
