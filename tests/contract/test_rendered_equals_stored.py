"""What is rendered is what the API server stores, letter for letter.

If it were not, comparing would see a difference for ever, and each look at a Tenant would write.
"""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from hypothesis import given, settings

from cluster_api import ClusterApi
from contract.test_crds_admission import odd_specs
from examples import TENANTS, rendered, tenant_of
from strategies import Json, manifests_with
from tenantry.api.base import Manifest
from tenantry.api.kinds import TENANT
from tenantry.api.names import API_VERSION, FIELD_MANAGER
from tenantry.api.tenant import Tenant
from tenantry.cluster.errors import Rejected
from tenantry.observed import observe
from tenantry.plan import compare

_SERVERS_OWN = {"creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"}


@pytest.fixture
async def stored(api: ClusterApi, request: pytest.FixtureRequest) -> AsyncIterator[list[Any]]:
    """Pairs of what an example becomes and what the API server made of it."""
    example = tenant_of(TENANTS[request.param])
    wanted = rendered(_renamed(example, f"t{secrets.token_hex(3)}"))
    for manifest in wanted:
        # The cluster makes each namespace's default ServiceAccount itself, so nothing is POSTed.
        await api.apply(manifest, manager=FIELD_MANAGER, force=True)

    yield [(manifest, await _read(api, manifest)) for manifest in wanted]
    for manifest in wanted:
        if manifest["kind"] == "Namespace":
            await api.delete("Namespace", manifest["metadata"]["name"])


@pytest.mark.parametrize("stored", TENANTS, indirect=True)
async def test_an_example_is_stored_as_it_is_rendered(stored: list[Any]) -> None:
    for manifest, seen in stored:
        assert _without_the_servers_own(seen) == manifest


@pytest.mark.parametrize("stored", TENANTS, indirect=True)
async def test_an_example_that_is_stored_needs_no_write(stored: list[Any]) -> None:
    for manifest, seen in stored:
        assert compare(manifest, observe(seen)) is None


@pytest.fixture(scope="session")
async def scratch(api: ClusterApi) -> AsyncIterator[str]:
    """A namespace that stands in for those of Tenants that are not really made."""
    name = f"scratch-{secrets.token_hex(3)}"
    await api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    await api.delete("Namespace", name)


@given(manifests_with())
@settings(max_examples=40)
async def test_what_a_valid_tenant_becomes_is_valid(
    api: ClusterApi, scratch: str, manifest: Json
) -> None:
    metadata = {"name": manifest["metadata"]["name"]}
    tenant = {"apiVersion": API_VERSION, "kind": "Tenant", "metadata": metadata}
    await api.create(tenant | {"spec": manifest["spec"]}, dry_run=True)

    for wanted in rendered(Tenant.parse(manifest | {"metadata": metadata})):
        if wanted["metadata"]["name"] != "default":
            answer = await api.create(_placed(wanted, scratch), dry_run=True)
            assert compare(_placed(wanted, scratch), observe(answer)) is None


async def test_what_the_api_server_admits_becomes_what_it_admits(
    api: ClusterApi, scratch: str
) -> None:
    """Otherwise a Tenant would be taken and one of its guards refused later on."""
    seen, refused = set(), []
    for spec in odd_specs(TENANT):
        tenant = {"apiVersion": API_VERSION, "kind": "Tenant", "metadata": {"name": "odd"}}
        try:
            admitted = await api.create(tenant | {"spec": spec}, dry_run=True)
        except Rejected:
            continue
        for wanted in rendered(Tenant.parse(admitted)):
            placed = _placed(wanted, scratch)
            if wanted["metadata"]["name"] == "default" or orjson.dumps(placed) in seen:
                continue
            seen.add(orjson.dumps(placed))
            try:
                answer = await api.create(placed, dry_run=True)
            except Rejected as problem:
                refused.append(str(problem))
            else:
                assert compare(placed, observe(answer)) is None

    assert len(seen) > 80
    assert refused == []


def _placed(manifest: Manifest, namespace: str) -> Manifest:
    metadata = manifest["metadata"]
    if "namespace" not in metadata:
        return manifest
    return manifest | {"metadata": metadata | {"namespace": namespace}}


def _renamed(tenant: Tenant, name: str) -> Tenant:
    """The same under a name, and so with a prefix, that no other test has."""
    options = tenant.spec.namespace_options.model_copy(update={"prefix": None})
    return tenant.model_copy(
        update={
            "metadata": tenant.metadata.model_copy(update={"name": name}),
            "spec": tenant.spec.model_copy(update={"namespace_options": options}),
        }
    )


async def _read(api: ClusterApi, manifest: Manifest) -> Manifest:
    metadata = manifest["metadata"]
    return await api.get(manifest["kind"], metadata["name"], metadata.get("namespace"))


def _without_the_servers_own(seen: Manifest) -> Manifest:
    metadata = {key: value for key, value in seen["metadata"].items() if key not in _SERVERS_OWN}
    rest = {key: value for key, value in seen.items() if key not in {"metadata", "status"}}
    if seen["kind"] == "Namespace":
        labels = dict(metadata["labels"])
        assert labels.pop("kubernetes.io/metadata.name") == metadata["name"]
        metadata["labels"] = labels
        rest.pop("spec")  # its finalizers
    return rest | {"metadata": metadata}
