"""What an Application's status says of what happened."""

from dataclasses import replace
from typing import Any

import pytest

from applications import application, component
from kstatus import kstatus
from tenantry.api.application import Application
from tenantry.api.application_status import (
    ApplicationStatus,
    ComponentStatus,
    DependencyStatus,
    RolloutState,
    RolloutStatus,
)
from tenantry.api.base import manifest_of
from tenantry.api.cost_status import CostStatus
from tenantry.application_claims import Claim, Collision
from tenantry.application_desire import Told
from tenantry.application_outcome import ApplicationOutcome, Wait
from tenantry.application_status import report_application, unhealthy_application
from tenantry.component_health import Health
from tenantry.desired.applications.rollouts import Decision
from tenantry.governance import Violation
from tenantry.outcomes import Failure
from tenantry.refused_pods import Cause

NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"
CURRENT = Health(desired=2, ready=2, updated=2, available=2, phase="Current")
STARTING = Health(desired=2, ready=1, updated=2, available=1, reason="Starting", message="1 of 2")
BROKEN = Health(desired=1, phase="Failed", reason="CrashLoopBackOff", message="exit code 3")
FAILURE = Failure("Service", "NameTaken", "Service web belongs to the Application other")
VIOLATION = Violation("spec.allowed.hosts", "web", "host x is not among those allowed: none")


def _shop(*more: Any, **spec: Any) -> Application:
    return application(component("web"), *more, **spec)


def _report(outcome: ApplicationOutcome, shop: Application | None = None) -> ApplicationStatus:
    return report_application(shop or _shop(), outcome, NOW)


def _of(health: Health, **more: Any) -> ApplicationOutcome:
    return ApplicationOutcome("acme", workloads={("web", "v1"): health}, **more)


def _said(status: ApplicationStatus, type_: str) -> tuple[str, str]:
    return next((one.status, one.reason) for one in status.conditions if one.type == type_)


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        (_of(CURRENT), "Ready", "Ready"),
        (_of(STARTING), "Progressing", "Progressing"),
        (ApplicationOutcome("acme"), "Progressing", "Progressing"),
        (_of(BROKEN), "Degraded", "CrashLoopBackOff"),
        (_of(CURRENT, failures=(FAILURE,)), "Degraded", "NameTaken"),
        (_of(CURRENT, violations=(VIOLATION,), is_held=True), "Degraded", "PolicyViolation"),
        (_of(CURRENT, violations=(VIOLATION,)), "Ready", "Ready"),
        (ApplicationOutcome("", Wait("NoTenant", "x")), "Pending", "NoTenant"),
    ],
)
def test_the_whole_is_told_in_one_word_and_with_the_cause(
    outcome: ApplicationOutcome, state: str, reason: str
) -> None:
    status = _report(outcome)

    assert status.state == state
    assert _said(status, "Ready") == ("True" if state == "Ready" else "False", reason)


@pytest.mark.parametrize(
    ("outcome", "progressing", "available", "degraded"),
    [
        (_of(CURRENT), "False", "True", "False"),
        (_of(STARTING), "True", "True", "False"),
        (_of(BROKEN), "True", "False", "True"),
        (_of(CURRENT, failures=(FAILURE,)), "True", "True", "True"),
        (ApplicationOutcome("", Wait("NoTenant", "x")), "False", "False", "False"),
    ],
)
def test_each_concern_says_where_to_look(
    outcome: ApplicationOutcome, progressing: str, available: str, degraded: str
) -> None:
    status = _report(outcome)

    assert _said(status, "Progressing")[0] == progressing
    assert _said(status, "Available")[0] == available
    assert _said(status, "Degraded")[0] == degraded


def test_a_violation_names_the_rule_whether_or_not_it_is_enforced() -> None:
    for is_held in (True, False):
        status = _report(_of(CURRENT, violations=(VIOLATION,), is_held=is_held))
        said = next(one for one in status.conditions if one.type == "PolicyCompliant")
        assert (said.status, "spec.allowed.hosts" in said.message) == ("False", True)


def test_components_are_told_with_their_versions() -> None:
    versions = [{"name": "v1", "image": "a:1"}, {"name": "v2", "image": "a:2"}]
    shop = application(
        component("web", versions=versions, traffic={"weights": {"v1": 80, "v2": 20}})
    )
    workloads = {("web", "v1"): CURRENT, ("web", "v2"): BROKEN}

    status = _report(ApplicationOutcome("acme", workloads=workloads), shop)

    (web,) = status.components
    assert (web.ready, web.reason, status.components_ready) == (False, "CrashLoopBackOff", "0/1")
    assert [(one.name, one.ready, one.weight) for one in web.versions] == [
        ("v1", 2, 80),
        ("v2", 0, 20),
    ]


def test_a_version_on_its_way_out_is_listed_and_decides_nothing() -> None:
    old = replace(BROKEN, image="a:0", is_leaving=True)
    workloads = {("web", "v1"): CURRENT, ("web", "v0"): old}

    status = _report(ApplicationOutcome("acme", workloads=workloads))

    (web,) = status.components
    assert [(one.name, one.ready, one.image) for one in web.versions[1:]] == [("v0", 0, "a:0")]
    assert (web.ready, status.components_ready, status.state) == (True, "1/1", "Ready")


def test_what_the_cost_meter_says_is_kept() -> None:
    cost = CostStatus(hourly="0.50", currency="EUR")
    shop = _shop().model_copy(update={"status": ApplicationStatus(cost=cost)})

    assert _report(_of(CURRENT), shop).cost == cost


@pytest.mark.parametrize(
    ("scaling", "said"),
    [
        (None, ("True", "AsExpected")),
        (Cause("FailedGetResourceMetric", "x"), ("False", "FailedGetResourceMetric")),
    ],
)
def test_an_autoscaler_that_does_nothing_is_said_and_keeps_nobody_from_being_ready(
    scaling: Cause | None, said: tuple[str, str]
) -> None:
    shop = application(component("web", autoscaling={"maxReplicas": 3}))

    status = _report(_of(replace(CURRENT, scaling=scaling)), shop)

    assert _said(status, "ScalingActive") == said
    assert status.state == "Ready"
    assert "ScalingActive" not in [one.type for one in _report(_of(CURRENT)).conditions]


def test_hosts_urls_and_the_graph_are_told() -> None:
    tls = {"host": "a.example.com", "tls": {"secretName": "x"}}
    shop = application(
        component(
            "web", expose=[tls, {"host": "*.b.example.com"}], dependsOn=[{"component": "db"}]
        ),
        component("db"),
    )

    told = Told(dependencies=(DependencyStatus(from_="web", to="db"),))
    status = _report(ApplicationOutcome("acme", told=told), shop)

    assert status.hosts == "a.example.com,*.b.example.com"
    assert status.urls == ["https://a.example.com"]
    assert [(one.from_, one.to) for one in status.dependencies] == [("web", "db")]


def test_traffic_that_nobody_manages_is_said() -> None:
    shop = _shop(component("api", traffic={"timeout": "3s"}))

    lines = ("api traffic.timeout: nothing here can do that",)
    for told, said in (
        (Told(unhonoured=lines), ("False", "NoTrafficProvider")),
        (Told("Istio"), ("True", "Istio")),
        (Told("GatewayAPI", lines), ("False", "NotHonoured")),
    ):
        assert _said(_report(_of(CURRENT, told=told), shop), "TrafficManaged") == said


def test_what_workloads_cannot_be_is_said_only_then_and_keeps_nobody_from_being_ready() -> None:
    told = Told(without_effect=("web disruptionBudget: a single pod has none",))
    status = _report(_of(CURRENT, told=told))

    assert _said(status, "Honoured") == ("False", "NotHonoured")
    assert _said(status, "Ready") == ("True", "Ready")
    assert "Honoured" not in {one.type for one in _report(_of(CURRENT)).conditions}


def test_what_is_declared_and_stays_closed_is_said() -> None:
    told = Told(closed=("web dependsOn: b/shop/api does not exist",))
    status = _report(_of(CURRENT, told=told))

    assert _said(status, "NetworkPolicyEnforced") == ("False", "StaysClosed")
    assert _said(status, "Ready")[0] == "True"


@pytest.mark.parametrize(
    ("told", "policy", "said"),
    [
        (Told(), {}, ("True", "Applied")),
        (Told(without_mesh=("policy.mtls: no mesh",)), {}, ("False", "NoMesh")),
    ],
)
def test_whether_the_mesh_knows_callers_is_said(
    told: Told, policy: dict[str, str], said: tuple[str, str]
) -> None:
    assert _said(_report(_of(CURRENT, told=told), _shop(policy=policy)), "MeshSecured") == said


def test_of_a_mesh_that_is_not_asked_for_nothing_is_said() -> None:
    shop = _shop(policy={"mtls": "Disabled", "authorization": False})

    assert not [one for one in _report(_of(CURRENT), shop).conditions if one.type == "MeshSecured"]


@pytest.mark.parametrize(
    ("policy", "status"), [({}, "True"), ({"networkPolicy": "Disabled"}, "False")]
)
def test_whether_the_network_is_closed_is_said(policy: dict[str, str], status: str) -> None:
    said = _report(_of(CURRENT), _shop(policy=policy))

    assert _said(said, "NetworkPolicyEnforced")[0] == status


VERSIONS = [{"name": "v1", "image": "a:1"}, {"name": "v2", "image": "a:2"}]
ROLLOUT = {"version": "v2", "steps": [{"weight": 10}, {"weight": 50}]}
CANARY = application(component("web", versions=VERSIONS, traffic={"rollout": ROLLOUT}))
HAD = RolloutStatus(version="v2", state="Progressing", weight=10)


def _rolled(state: RolloutState, health: Health = CURRENT, **more: Any) -> ApplicationOutcome:
    told = RolloutStatus(version="v2", state=state, weight=10, message="so it is")
    decision = Decision(told, {"v1": 90, "v2": 10}, None)
    workloads = {("web", "v1"): CURRENT, ("web", "v2"): health}
    return ApplicationOutcome("acme", workloads=workloads, rollouts={"web": decision}, **more)


@pytest.mark.parametrize(
    ("outcome", "state", "said", "verdict"),
    [
        pytest.param(
            _rolled("Progressing"),
            "Ready",
            {"Ready": "Ready", "Progressing": "TakingUp", "Degraded": "AsExpected"},
            "Current",
            id="a version that is taken up leaves it Ready, for that may take days",
        ),
        pytest.param(
            _rolled("Progressing", STARTING),
            "Progressing",
            {"Ready": "Progressing", "Progressing": "RollingOut"},
            "InProgress",
            id="its pods must come first",
        ),
        pytest.param(
            _rolled("Paused"),
            "Ready",
            {"Ready": "Ready", "Progressing": "RolloutPaused"},
            "Current",
            id="one that is paused does not progress",
        ),
        pytest.param(
            _rolled("Completed"), "Ready", {"Progressing": "Completed"}, "Current", id="done"
        ),
        pytest.param(
            _rolled("RolledBack"),
            "Degraded",
            {"Ready": "RolledBack", "Degraded": "RolledBack", "Stalled": "RolledBack"},
            "Failed",
            id="one that was rolled back is not what the spec says, and a person must act",
        ),
        pytest.param(
            _rolled("RolledBack", BROKEN),
            "Degraded",
            {"Ready": "RolledBack", "Degraded": "RolledBack", "Stalled": "RolledBack"},
            "Failed",
            id="a rollback says more than the pods that it was for",
        ),
        pytest.param(
            _rolled("RolledBack", failures=(FAILURE,)),
            "Degraded",
            {"Ready": "NameTaken", "Degraded": "NameTaken", "Stalled": "RolledBack"},
            "Failed",
            id="what could not be written comes first",
        ),
    ],
)
def test_how_a_rollout_goes_is_said_as_kstatus_has_it(
    outcome: ApplicationOutcome, state: str, said: dict[str, str], verdict: str
) -> None:
    status = _report(outcome, CANARY)

    assert status.state == state
    assert {one: _said(status, one)[1] for one in said} == said
    written = dict(manifest_of(status))
    assert kstatus({"metadata": {"generation": 0}, "status": written}) == verdict


def test_a_rollback_is_told_with_its_cause_and_what_to_do() -> None:
    status = _report(_rolled("RolledBack"), CANARY)

    message = next(one.message for one in status.conditions if one.type == "Degraded")
    assert message.startswith("web v2 gets 10 %: so it is")
    assert "change what it runs" in message


@pytest.mark.parametrize(
    "stopped",
    [
        ApplicationOutcome("", Wait("NoTenant", "x")),
        ApplicationOutcome("acme", violations=(VIOLATION,), is_held=True),
    ],
)
def test_while_nothing_is_written_a_rollout_is_kept_and_its_weights_are_those_that_were_written(
    stopped: ApplicationOutcome,
) -> None:
    before = ApplicationStatus(
        components=[ComponentStatus(name="web", kind="Deployment", rollout=HAD)]
    )

    (web,) = _report(stopped, CANARY.model_copy(update={"status": before})).components

    assert web.rollout
    assert (web.rollout.state, web.rollout.weight) == ("Paused", 10)
    assert [one.weight for one in web.versions] == [90, 10]


@pytest.mark.parametrize("state", ["Completed", "RolledBack"])
def test_what_is_over_stays_so_while_nothing_is_written(state: RolloutState) -> None:
    over = HAD.model_copy(update={"state": state})
    before = ApplicationStatus(
        components=[ComponentStatus(name="web", kind="Deployment", rollout=over)]
    )
    waits = ApplicationOutcome("", Wait("NoTenant", "x"))

    (web,) = _report(waits, CANARY.model_copy(update={"status": before})).components

    assert web.rollout == over


def test_what_has_not_changed_keeps_its_time_and_is_no_news() -> None:
    first = _report(_of(CURRENT))
    shop = _shop().model_copy(update={"status": first})

    assert report_application(shop, _of(CURRENT), LATER) == first
    assert ApplicationStatus.model_validate(manifest_of(first)) == first


def test_an_application_that_cannot_be_looked_at_keeps_what_was_known() -> None:
    before = _report(_of(CURRENT))

    status = unhealthy_application(before, 3, "InternalError", "oops", LATER)

    assert (status.state, _said(status, "Ready")) == ("Degraded", ("False", "InternalError"))
    assert status.components == before.components
    assert len(status.conditions) == len(before.conditions)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (_of(CURRENT), "Current"),
        (_of(STARTING), "InProgress"),
        (_of(CURRENT, violations=(VIOLATION,), is_held=True), "Failed"),
        (_of(CURRENT, failures=(replace(FAILURE, is_transient=False),)), "Failed"),
        (_of(CURRENT, failures=(FAILURE,)), "InProgress"),
    ],
)
def test_tools_that_read_kstatus_understand_it(outcome: ApplicationOutcome, expected: str) -> None:
    status = dict(manifest_of(_report(outcome)))

    assert kstatus({"metadata": {"generation": 0}, "status": status}) == expected


WEB_TAKEN = Collision(
    Claim("Service", "acme-prod", "web"), ("web",), "NameTaken", "first has the name web"
)
HOST_TAKEN = Collision(
    Claim("Host", "", "b.example.com"), ("web",), "HostTaken", "first has the host b.example.com"
)


def test_a_component_whose_name_is_taken_says_so_and_so_does_the_whole() -> None:
    status = _report(_of(CURRENT, collisions=(WEB_TAKEN,)))

    assert (status.state, status.components_ready) == ("Degraded", "0/1")
    assert (status.components[0].reason, status.components[0].message) == (
        "NameTaken",
        "first has the name web",
    )
    assert _said(status, "Ready") == ("False", "NameTaken")
    assert _said(status, "Stalled") == ("True", "NameTaken")


def test_a_host_that_is_taken_is_told_and_no_longer_listed() -> None:
    exposed = [{"host": "a.example.com"}, {"host": "b.example.com"}]
    shop = application(component("web", expose=exposed))

    status = _report(_of(CURRENT, collisions=(HOST_TAKEN,)), shop)

    assert (status.hosts, status.urls) == ("a.example.com", ["http://a.example.com"])
    assert _said(status, "TrafficManaged") == ("False", "HostTaken")
    assert _said(status, "Ready") == ("False", "HostTaken")
    assert status.components[0].ready


def test_as_many_hosts_are_told_as_components_can_expose() -> None:
    exposed = [
        component(
            f"c{number}",
            expose=[
                {"host": f"a-rather-long-name-{number}-{each}.example.com"} for each in range(8)
            ],
        )
        for number in range(32)
    ]

    status = _report(ApplicationOutcome("acme"), application(*exposed))

    assert len(status.urls) == 256
    *shown, last = status.hosts.split(",")
    assert {f"http://{host}" for host in shown} < {*status.urls}
    assert (last, len(status.hosts) <= 1024) == ("...", True)
