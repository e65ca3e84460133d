"""What the components of an Application become is what the API server takes, and keeps as it is.

It admits each Application first: what it lets in at the door may not be refused, dropped or warned
about later, or it would be missing or be written for ever.
"""

import secrets
from collections.abc import AsyncIterator

import pytest
import yaml

import knobs
from cluster_api import ClusterApi
from contract.conftest import Kubectl
from examples import APPLICATIONS, EXAMPLES
from live_applications import application
from pod_knobs import pod_knobs
from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.application_plan import compare_owned
from tenantry.observed import observe


@pytest.fixture(scope="module")
async def namespace(api: ClusterApi, established: str) -> AsyncIterator[str]:
    """A namespace of nobody's."""
    del established
    name = f"scratch-{secrets.token_hex(3)}"
    await api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    await api.delete("Namespace", name)


def _becomes_what_is_stored(kubectl: Kubectl, given: list[Manifest]) -> list[Manifest]:
    """All that Applications become; nothing of it needs a write once it is there."""
    admitted = [
        Application.parse(one | {"metadata": one["metadata"] | {"uid": "u1"}})
        for one in kubectl.would_create(given)
    ]
    wanted = [*knobs.rendered(admitted, ())]
    answers = kubectl.would_create(wanted)
    changes = [
        compare_owned(one, observe(answer)) for one, answer in zip(wanted, answers, strict=True)
    ]
    assert [change for change in changes if change] == []
    return wanted


def test_every_knob_of_pods_becomes_what_the_api_server_takes_as_it_is(
    kubectl: Kubectl, namespace: str
) -> None:
    given = [application("shop", namespace, component) for _, component in pod_knobs()]

    made = _becomes_what_is_stored(kubectl, given)

    kinds = {"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "PodDisruptionBudget"}
    assert kinds <= {one["kind"] for one in made}


@pytest.mark.parametrize("folder", [*APPLICATIONS, "reference"])
def test_an_example_becomes_what_the_api_server_takes_as_it_is(
    kubectl: Kubectl, namespace: str, folder: str
) -> None:
    given = yaml.safe_load((EXAMPLES / folder / "application.yaml").read_text())
    given["metadata"]["namespace"] = namespace

    assert _becomes_what_is_stored(kubectl, [given])
