"""What an Application's object should be against what there is: ours is kept, others' is theirs."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from applications import application, component, objects
from stored import stored
from tenantry.api.base import Manifest
from tenantry.application_plan import (
    compare_owned,
    obsolete_of,
    owned,
    refusal_to_take,
    taking,
)
from tenantry.observed import Key, key_of, observe
from tenantry.plan import Change, Verb

SHOP = application(component("web", env=[{"name": "A", "value": "1"}], replicas=2))
DEPLOYMENT: Key = ("Deployment", "acme-prod", "web-v1")
SERVICE: Key = ("Service", "acme-prod", "web")


def _wanted(key: Key = DEPLOYMENT) -> Manifest:
    made = [owned(SHOP, one) for one in objects(SHOP)]
    return next(one for one in made if key_of(one) == key)


def _change(seen: Manifest, wanted: Manifest | None = None) -> Change | None:
    return compare_owned(wanted or _wanted(), observe(seen))


def _seen(key: Key = DEPLOYMENT) -> Manifest:
    return stored(deepcopy(_wanted(key)))


def _container(seen: Manifest) -> Any:
    return seen["spec"]["template"]["spec"]["containers"][0]


def test_all_that_is_made_belongs_to_the_application() -> None:
    made = _wanted()["metadata"]

    assert [(one["kind"], one["name"]) for one in made["ownerReferences"]] == [
        ("Application", "shop")
    ]
    assert made["labels"]["tenantry.io/application"] == "shop"
    assert made["labels"]["app.kubernetes.io/managed-by"] == "tenantry"


def test_what_is_absent_is_created() -> None:
    change = compare_owned(_wanted(), None)

    assert change is not None
    assert change.verb is Verb.CREATE


def test_what_was_stored_as_it_was_asked_for_is_left_alone() -> None:
    assert [
        compare_owned(made, observe(stored(made)))
        for made in (owned(SHOP, one) for one in objects(SHOP))
    ] == [None] * len(objects(SHOP))


def test_what_others_add_is_theirs() -> None:
    seen = _seen()
    seen["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "3"
    template = seen["spec"]["template"]
    template["metadata"].setdefault("annotations", {})["kubectl.kubernetes.io/restartedAt"] = "x"
    template["spec"]["schedulerName"] = "default-scheduler"
    template["spec"]["containers"].append({"name": "sidecar", "image": "x"})
    _container(seen)["env"].append({"name": "THEIRS", "value": "2"})

    assert _change(seen) is None


def test_what_somebody_changed_is_put_right() -> None:
    seen = _seen()
    _container(seen)["image"] = "evil"
    seen["spec"]["replicas"] = 9

    change = _change(seen)

    assert change is not None
    assert change.verb is Verb.APPLY
    name = _container(seen)["name"]
    assert {*change.differs} == {
        "spec.replicas",
        f"spec.template.spec.containers.{name}.image",
    }


def test_what_is_asked_for_no_more_is_told_by_the_digest() -> None:
    shorter = application(component("web", replicas=2))
    wanted = next(owned(shorter, one) for one in objects(shorter) if one["kind"] == "Deployment")

    change = _change(_seen(), wanted)

    assert change is not None
    assert change.differs == ("metadata.annotations.tenantry.io/applied",)
    assert [one["op"] for one in change.handover] == ["test", "test", "replace"]


def test_what_apply_set_needs_no_handing_over() -> None:
    seen = _seen()
    seen["metadata"]["managedFields"][0]["operation"] = "Apply"
    seen["spec"]["replicas"] = 9

    change = _change(seen)

    assert change is not None
    assert change.handover == ()


@pytest.mark.parametrize(
    ("theirs", "is_same"), [("500m", True), ("0.5", True), ("1", False), (None, False)]
)
def test_amounts_are_compared_as_amounts(theirs: str | None, *, is_same: bool) -> None:
    shop = application(component("web", resources={"requests": {"cpu": "500m"}}))
    wanted = next(owned(shop, one) for one in objects(shop) if one["kind"] == "Deployment")
    seen = stored(deepcopy(wanted))
    _container(seen)["resources"]["requests"] = {"cpu": theirs} if theirs else {}

    assert (_change(seen, wanted) is None) is is_same


def test_a_selector_is_compared_as_a_whole() -> None:
    seen = _seen(SERVICE)
    seen["spec"]["selector"]["more"] = "1"

    change = _change(seen, _wanted(SERVICE))

    assert change is not None
    assert change.differs == ("spec.selector",)


def test_replicas_are_left_to_an_autoscaler() -> None:
    shop = application(component("web", autoscaling={"maxReplicas": 5}))
    wanted = next(owned(shop, one) for one in objects(shop) if one["kind"] == "Deployment")
    seen = stored(deepcopy(wanted))
    seen["spec"]["replicas"] = 4
    assert _change(seen, wanted) is None

    _container(seen)["image"] = "evil"
    change = _change(seen, wanted)
    assert change is not None
    assert change.manifest["spec"]["replicas"] == 4


POLICY: Manifest = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "web", "namespace": "acme-prod"},
    "spec": {
        "podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [{"podSelector": {"matchLabels": {"app": "api"}}}],
                "ports": [{"protocol": "TCP", "port": 8080}],
            }
        ],
    },
}


def test_a_network_policy_lets_nobody_in_by_what_somebody_added() -> None:
    closed = POLICY | {"spec": {"podSelector": {}, "policyTypes": ["Ingress"]}}
    wanted = owned(SHOP, closed)
    seen = stored(deepcopy(wanted))
    seen["spec"]["ingress"] = [{}]

    change = _change(seen, wanted)

    assert change is not None
    assert (change.applies, change.removals) == (False, {"spec": {"ingress": None}})


@pytest.mark.parametrize(
    ("widen", "path"),
    [
        (lambda rule: rule["from"][0].update(namespaceSelector={}), "spec.ingress.from"),
        (lambda rule: rule["ports"][0].update(endPort=65535), "spec.ingress.ports"),
        (lambda rule: rule["from"].append({"podSelector": {}}), "spec.ingress.from"),
    ],
)
def test_a_rule_of_a_network_policy_that_somebody_widened_is_put_back(
    widen: Callable[[Any], None], path: str
) -> None:
    wanted = owned(SHOP, POLICY)
    seen = stored(deepcopy(wanted))
    widen(seen["spec"]["ingress"][0])

    change = _change(seen, wanted)

    assert change is not None
    assert (change.applies, change.differs) == (True, (path,))


def test_what_a_policy_of_the_mesh_selects_less_than_it_should_is_taken_out() -> None:
    policy = POLICY | {"kind": "PeerAuthentication"}
    policy["spec"] = {"selector": {"matchLabels": {"app": "web"}}, "mtls": {"mode": "STRICT"}}
    wanted = owned(SHOP, policy)
    seen = stored(deepcopy(wanted))
    seen["spec"]["selector"]["matchLabels"]["no"] = "such"

    change = _change(seen, wanted)

    assert change is not None
    assert change.removals == {"spec": {"selector": {"matchLabels": {"no": None}}}}


def test_an_ingress_is_reached_by_no_host_that_somebody_added() -> None:
    ingress = POLICY | {"kind": "Ingress", "spec": {"rules": [{"host": "a.example.com"}]}}
    wanted = owned(SHOP, ingress)
    seen = stored(deepcopy(wanted))
    seen["spec"] |= {"ingressClassName": "nginx", "defaultBackend": {"service": {"name": "web"}}}

    change = _change(seen, wanted)

    assert change is not None
    assert change.removals == {"spec": {"defaultBackend": None}}


def test_a_service_that_may_have_no_address_any_more_is_made_anew_and_back() -> None:
    for wanted in (
        _wanted(SERVICE),
        _wanted(SERVICE) | {"spec": _wanted(SERVICE)["spec"] | {"clusterIP": "None"}},
    ):
        seen = stored(deepcopy(wanted))
        assert _change(seen, wanted) is None
        is_headless = "clusterIP" in wanted["spec"]
        seen["spec"]["clusterIP"] = "10.0.0.7" if is_headless else "None"

        change = _change(seen, wanted)

        assert change is not None
        assert (change.verb, change.differs) == (Verb.REPLACE, ("spec.clusterIP",))


def _job(**more: Any) -> Manifest:
    shop = application(component("migrate", kind="Job", **more))
    return next(owned(shop, one) for one in objects(shop) if one["kind"] == "Job")


@pytest.mark.parametrize(
    "later",
    [
        {"costLabels": {"product": "x"}},
        {"imagePullPolicy": "Always"},
        {"job": {"restartPolicy": "Never"}},
        {"terminationGracePeriodSeconds": 5},
        {"topologySpread": [{"topologyKey": "zone"}]},
    ],
)
def test_what_a_job_runs_stays_as_it_was_made_for_the_api_server_changes_nothing_of_it(
    later: Manifest,
) -> None:
    seen = stored(deepcopy(_job()))
    seen["spec"] |= {"selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": "u1"}}}

    change = _change(seen, _job(**later))

    assert change is not None
    assert change.manifest["spec"] == seen["spec"]
    assert all(path.startswith("metadata.") for path in change.differs)


def test_a_job_that_is_there_is_suspended_and_its_deadline_taken_out() -> None:
    seen = stored(deepcopy(_job(job={"activeDeadlineSeconds": 60})))

    change = _change(seen, _job(job={"suspend": True}))

    assert change is not None
    assert change.manifest["spec"]["suspend"] is True
    assert "activeDeadlineSeconds" not in change.manifest["spec"]
    assert "spec.suspend" in change.differs


def test_what_is_being_deleted_is_waited_for() -> None:
    seen = _seen()
    seen["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    _container(seen)["image"] = "evil"

    assert _change(seen) is None


def test_what_the_application_has_no_more_is_deleted_and_nobody_elses() -> None:
    ours, theirs = _seen(SERVICE), _seen()
    theirs["metadata"]["managedFields"][0]["manager"] = "kubectl"
    observed = {key_of(one): observe(one) for one in (ours, theirs)}

    (change,) = obsolete_of(observed, [])

    assert (change.verb, key_of(change.manifest), change.uid) == (Verb.DELETE, SERVICE, "u1")


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({}, "was not made for this Application"),
        ({"labels": {"tenantry.io/application": "shop"}}, ""),
        ({"ownerReferences": [{"uid": SHOP.metadata.uid, "controller": True}]}, ""),
        ({"labels": {"tenantry.io/application": "other"}}, "the Application other"),
        (
            {"ownerReferences": [{"kind": "Helm", "name": "x", "uid": "9", "controller": True}]},
            "belongs to Helm x",
        ),
    ],
)
def test_what_is_there_is_taken_over_only_if_it_was_handed_over(
    metadata: Manifest, told: str
) -> None:
    named = {"name": "web", "namespace": "acme-prod"}

    refusal = refusal_to_take(SHOP, {"kind": "Service", "metadata": named | metadata})

    assert told in refusal
    assert bool(told) is bool(refusal)


def test_what_is_taken_is_applied_and_what_a_post_set_is_handed_over() -> None:
    seen = _seen()
    seen["metadata"]["labels"] = {}

    change = taking(_wanted(), seen)

    assert (change.verb, change.applies, len(change.handover)) == (Verb.APPLY, True, 3)
