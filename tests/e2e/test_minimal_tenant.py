"""A Tenant with a name, an owner and a namespace is isolated and limited."""

import pytest

import workloads
from cluster_api import ClusterApi
from conftest import MakeTenant
from tenancy import LiveTenant
from tenantry.cluster.errors import Forbidden
from waiting import eventually


@pytest.fixture
async def minimal(make_tenant: MakeTenant) -> LiveTenant:
    return await make_tenant()


async def test_its_namespace_has_quota_limits_isolation_and_access(minimal: LiveTenant) -> None:
    quota = await minimal.made("ResourceQuota")
    limits = await minimal.made("LimitRange")
    isolation = await minimal.made("NetworkPolicy")
    access = await minimal.made("RoleBinding", "tenantry-owners")

    assert quota["spec"]["hard"]["services.nodeports"] == "0"
    assert limits["spec"]["limits"][0]["defaultRequest"]["cpu"] == "100m"
    assert isolation["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert access["roleRef"]["name"] == "admin"


async def test_pods_that_ask_for_nothing_run(minimal: LiveTenant, api: ClusterApi) -> None:
    space = minimal.namespace()

    await api.create(workloads.deployment("web", space, replicas=2))

    running = await eventually(
        lambda: api.get("Deployment", "web", space),
        lambda seen: seen["status"].get("readyReplicas") == 2,
    )
    assert running["status"]["updatedReplicas"] == 2


@pytest.mark.parametrize("type_", ["NodePort", "LoadBalancer"])
async def test_a_service_that_reaches_past_the_isolation_is_refused(
    type_: str, minimal: LiveTenant, api: ClusterApi
) -> None:
    with pytest.raises(Forbidden, match=r"exceeded quota: tenantry"):
        await api.create(workloads.service("web", minimal.namespace(), type_))


async def test_a_service_within_the_cluster_is_fine(minimal: LiveTenant, api: ClusterApi) -> None:
    made = await api.create(workloads.service("web", minimal.namespace(), "ClusterIP"))

    assert made["spec"]["clusterIP"]


async def test_a_privileged_pod_is_refused(minimal: LiveTenant, api: ClusterApi) -> None:
    with pytest.raises(Forbidden, match=r'violates PodSecurity "restricted:latest".*privileged'):
        await api.create(workloads.privileged_pod("root", minimal.namespace()))


async def test_a_pod_has_no_token_of_the_default_service_account(
    minimal: LiveTenant, api: ClusterApi
) -> None:
    made = await api.create(workloads.pod("plain", minimal.namespace()))

    assert made["spec"]["serviceAccountName"] == "default"
    assert not made["spec"].get("volumes")
