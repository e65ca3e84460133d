"""What an Application becomes is what others' own CRDs admit: Istio's, the Gateway API's and more.

Whatever the door of the API server admits, whichever provider there is: nothing that is rendered
may be refused, pruned, changed or warned about, or it would be missing or be written for ever.
"""

import secrets
from collections.abc import AsyncIterator, Iterable
from typing import Final

import pytest

import knobs
from cluster_api import ClusterApi
from contract.conftest import Kubectl
from foreign_kinds import published
from knobs import GATEWAY_API, ISTIO
from live_applications import application
from tenantry.api.application import Application
from tenantry.application_plan import compare_owned
from tenantry.observed import observe

WORLDS: Final = {
    "Istio": (*ISTIO, "ServiceMonitor", "PodMonitor", "VerticalPodAutoscaler"),
    "Istio and the Gateway API": (*ISTIO, *GATEWAY_API),
    "Gateway API": (*GATEWAY_API, "PodMonitor"),
    "Gateway API without gRPC": ("HTTPRoute", "Gateway"),
    "nothing": (),
}
"""Optional kinds that are served."""
SETS: Final = ("istio", "gateway-api", "prometheus-operator", "vertical-pod-autoscaler")


@pytest.fixture(scope="module")
async def namespace(api: ClusterApi, established: str) -> AsyncIterator[str]:
    """A namespace in a cluster that has all kinds."""
    del established
    name = f"scratch-{secrets.token_hex(3)}"
    await api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    async with published(api, *SETS):
        yield name
    await api.delete("Namespace", name)


@pytest.fixture(scope="module")
def admitted(kubectl: Kubectl, namespace: str) -> list[Application]:
    """Applications that turn every knob, as the API server has them."""
    given = [
        application("shop", namespace, *components, **spec) for _, components, spec in knobs.knobs()
    ]
    return [
        Application.parse(one | {"metadata": one["metadata"] | {"uid": "u1"}})
        for one in kubectl.would_create(given)
    ]


@pytest.mark.parametrize("served", WORLDS.values(), ids=WORLDS)
def test_every_knob_becomes_what_the_api_server_takes_as_it_is(
    kubectl: Kubectl, admitted: list[Application], served: Iterable[str]
) -> None:
    wanted = [*knobs.rendered(admitted, served)]

    answers = kubectl.would_create(wanted)

    changes = [
        compare_owned(one, observe(answer)) for one, answer in zip(wanted, answers, strict=True)
    ]
    assert [change for change in changes if change] == []
    assert {one["kind"] for one in wanted} >= {kind for kind in served if kind != "IstioGateway"}
