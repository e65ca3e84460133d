"""What holds for every Application, whatever it says."""

import re
from typing import Any

import orjson
from hypothesis import assume, given
from hypothesis import strategies as st

from application_strategies import applications, manifests, names_of
from applications import TENANT, facts, objects, template_of, workloads
from restricted import violations
from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.desired.applications import desired_application

SUBDOMAIN = re.compile(r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$")
SERVICE_NAME = re.compile(r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")
LABEL_VALUE = re.compile(r"^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$")
KINDS = ("VerticalPodAutoscaler", "ServiceMonitor", "PodMonitor")
served = st.sets(st.sampled_from(KINDS))


def key(manifest: Manifest) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]


def labels(manifest: Manifest) -> dict[str, str]:
    return manifest["metadata"]["labels"]


def selector_of(manifest: Manifest) -> dict[str, str]:
    """The labels that an object selects pods by; none for one that selects no pods."""
    selector = manifest.get("spec", {}).get("selector", {})
    if manifest["kind"] == "ServiceMonitor":
        return {}
    return selector.get("matchLabels", selector)


def pods(manifests: list[Manifest]) -> list[dict[str, str]]:
    return [labels(template_of(one)) for one in workloads(manifests)]


def shuffled(value: Any, draw: st.DataObject) -> Any:
    if isinstance(value, dict):
        order = draw.draw(st.permutations(sorted(value)))
        return {name: shuffled(value[name], draw) for name in order}
    if isinstance(value, list):
        return [shuffled(each, draw) for each in value]
    return value


@given(manifests, served, st.data())
def test_the_same_application_gives_the_same_bytes(
    manifest: Manifest, kinds: set[str], data: st.DataObject
) -> None:
    once = desired_application(Application.parse(manifest), facts(*kinds))
    again = desired_application(Application.parse(shuffled(manifest, data)), facts(*kinds))

    assert orjson.dumps(once) == orjson.dumps(again)


@given(applications, served)
def test_every_object_has_a_valid_name_of_its_own(made: Application, kinds: set[str]) -> None:
    keys = [key(one) for one in objects(made, *kinds)]

    assert len(keys) == len(set(keys))
    assert all(SUBDOMAIN.match(name) for _, name in keys)
    assert all(SERVICE_NAME.match(name) for kind, name in keys if kind == "Service")


@given(applications, served)
def test_every_object_is_in_the_namespace_and_labelled(made: Application, kinds: set[str]) -> None:
    for one in objects(made, *kinds):
        assert one["metadata"]["namespace"] == "acme-prod"
        assert labels(one)["app.kubernetes.io/managed-by"] == "tenantry"
        assert labels(one)["tenantry.io/application"] == made.name
        assert labels(one).items() >= TENANT.items()
        assert all(LABEL_VALUE.match(value) for value in labels(one).values())


@given(applications)
def test_every_pod_carries_the_labels_that_costs_are_told_by(made: Application) -> None:
    for pod in pods(objects(made)):
        assert pod.items() >= TENANT.items()
        assert pod.keys() >= {"app", "version", "tenantry.io/component"}
        assert pod.keys() >= made.spec.cost.labels.keys()


@given(applications)
def test_every_pod_passes_pod_security_restricted(made: Application) -> None:
    for one in workloads(objects(made)):
        assert violations(template_of(one)["spec"]) == []


@given(applications)
def test_no_pod_has_a_token_that_nobody_asked_for(made: Application) -> None:
    for one in workloads(objects(made)):
        assert template_of(one)["spec"]["automountServiceAccountToken"] is False


@given(applications, applications, served)
def test_two_applications_meet_only_where_a_component_or_an_account_is_called_alike(
    one: Application, other: Application, kinds: set[str]
) -> None:
    assume(one.name != other.name and not names_of(one) & names_of(other))

    ours, theirs = ({key(each) for each in objects(made, *kinds)} for made in (one, other))

    assert {kind for kind, _ in ours & theirs} <= {"ServiceAccount"}


@given(applications, applications, served)
def test_no_selector_matches_pods_of_another_application_component_or_version(
    one: Application, other: Application, kinds: set[str]
) -> None:
    assume(one.name != other.name)
    ours, theirs = objects(one, *kinds), objects(other, *kinds)

    for manifest in ours:
        selector, own = selector_of(manifest), labels(manifest)
        selected = [
            pod for pod in pods(ours + theirs) if selector and pod.items() >= selector.items()
        ]
        identity = ("tenantry.io/application", "tenantry.io/component", "version")
        meant = {label: own[label] for label in identity if label in own}

        assert all(pod.items() >= meant.items() for pod in selected)
        assert selected or not selector


@given(applications, served)
def test_a_workload_selects_its_own_pods(made: Application, kinds: set[str]) -> None:
    for one in workloads(objects(made, *kinds)):
        assert labels(template_of(one)).items() >= selector_of(one).items()


@given(applications)
def test_no_two_ports_of_a_container_have_one_number_or_name(made: Application) -> None:
    for one in workloads(objects(made)):
        (container,) = template_of(one)["spec"]["containers"]
        ports = container.get("ports", [])

        assert len({(port["containerPort"], port["protocol"]) for port in ports}) == len(ports)
        assert len({port["name"] for port in ports}) == len(ports)


@given(applications)
def test_every_mount_has_its_volume(made: Application) -> None:
    for one in workloads(objects(made)):
        spec = template_of(one)["spec"]
        claims = one["spec"].get("volumeClaimTemplates", [])
        volumes = {volume["name"] for volume in spec.get("volumes", [])}
        volumes |= {claim["metadata"]["name"] for claim in claims}
        (container,) = spec["containers"]

        assert {mount["name"] for mount in container.get("volumeMounts", [])} == volumes


def healthy_needed(budget: Manifest, pods: int) -> int:
    """Pods that must stay, as the disruption controller counts: shares are rounded up."""
    [(field, value)] = ((f, budget[f]) for f in ("minAvailable", "maxUnavailable") if f in budget)
    count = value if isinstance(value, int) else -(-pods * int(value[:-1]) // 100)
    return count if field == "minAvailable" else pods - count


@given(applications)
def test_no_budget_blocks_a_drain_for_good(made: Application) -> None:
    every = objects(made)
    sizes = {key(one): one["spec"].get("replicas") for one in workloads(every)}
    scalers = {
        key(one)[1]: one["spec"] for one in every if one["kind"] == "HorizontalPodAutoscaler"
    }
    for one in every:
        if one["kind"] != "PodDisruptionBudget":
            continue
        name = one["metadata"]["name"]
        if name in scalers:
            counts = range(scalers[name]["minReplicas"], scalers[name]["maxReplicas"] + 1)
        else:
            counts = [sizes.get(("Deployment", name)) or sizes["StatefulSet", name]]

        assert all(healthy_needed(one["spec"], count) < count for count in counts)


@given(applications)
def test_nobody_says_how_many_pods_there_are_where_an_autoscaler_does(made: Application) -> None:
    every = objects(made)
    scaled = {
        tuple(one["spec"]["scaleTargetRef"][field] for field in ("kind", "name"))
        for one in every
        if one["kind"] == "HorizontalPodAutoscaler"
    }
    for one in workloads(every):
        if one["kind"] in {"Deployment", "StatefulSet"}:
            assert ("replicas" in one["spec"]) != (key(one) in scaled)
