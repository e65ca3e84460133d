"""What the doctor says of facts: each check, well and ill, and what a script makes of it."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenantry import policies
from tenantry.api.base import Manifest
from tenantry.api.crd import custom_resource_definition
from tenantry.api.kinds import KINDS
from tenantry.api.names import COST_LABELS
from tenantry.doctor import CHECKS, costs, examine, exit_status
from tenantry.doctor.facts import Facts, Installation, Replica, Right, Unseen
from tenantry.doctor.finding import Finding, Level
from tenantry.doctor.rights import FORBIDDEN, needed

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
PLACE = Installation("tenantry-system", "tenantry", "tenantry", deployment="tenantry")
NOT_READ = Unseen("leases is forbidden")

Change = Callable[[Manifest], Any]


def _crd(name: str) -> Manifest:
    (kind,) = (one for one in KINDS if one.crd_name == name)
    conditions = [{"type": one, "status": "True"} for one in ("NamesAccepted", "Established")]
    return custom_resource_definition(kind) | {"status": {"conditions": conditions}}


def _lease(*, age: float = 1, **spec: Any) -> Manifest:
    renewed = (NOW - timedelta(seconds=age)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    held = {"holderIdentity": "pod-a_1", "leaseDurationSeconds": 15, "renewTime": renewed}
    return {"metadata": {"name": "tenantry"}, "spec": held | spec}


def _tenant(name: str, generation: int = 1, **conditions: str) -> Manifest:
    told = [{"type": type_, "status": status} for type_, status in conditions.items()]
    return {
        "metadata": {"name": name, "generation": 1},
        "status": {"observedGeneration": generation, "conditions": told},
    }


def _workload(kind: str, name: str, *arguments: str, container: str = "main") -> Manifest:
    containers = [
        {"name": "proxy", "image": "proxy"},
        {"name": container, "image": name, "args": [*arguments]},
    ]
    labels = {"app.kubernetes.io/name": name}
    return {
        "kind": kind,
        "metadata": {"name": name, "namespace": "monitoring", "labels": labels},
        "spec": {"template": {"spec": {"containers": containers}}},
    }


CALICO = _workload("DaemonSet", "calico-node")
WELL = Facts(
    server="https://127.0.0.1:6443",
    version="v1.37.2",
    now=NOW,
    ahead=0.3,
    served=frozenset({"apps/v1", "metrics.k8s.io/v1beta1"}),
    crds={kind.crd_name: _crd(kind.crd_name) for kind in KINDS},
    policies=copy.deepcopy(policies.manifests()),
    workloads=[CALICO],
    installation=PLACE,
    allowed=dict.fromkeys(needed(PLACE), True) | dict.fromkeys(FORBIDDEN, False),
    lease=_lease(),
    tenants=[_tenant("acme", Ready="True")],
    replicas=[Replica("tenantry-1", leads=True), Replica("tenantry-2")],
)


def _bad(facts: Facts) -> list[Finding]:
    return [one for one in examine(facts) if one.level is not Level.OK]


def _only(facts: Facts) -> Finding:
    """The one finding that is not well."""
    (one,) = _bad(facts)
    return one


def test_a_cluster_where_all_is_well_has_nothing_to_mend() -> None:
    findings = [*examine(WELL)]

    assert _bad(WELL) == []
    assert exit_status(findings) == 0
    assert len({one.check for one in findings}) == len(CHECKS)
    assert not any(one.mend or one.means for one in findings)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([], 0),
        ([Level.OK, Level.UNKNOWN], 0),
        ([Level.OK, Level.WARNING, Level.UNKNOWN], 1),
        ([Level.ERROR, Level.WARNING], 2),
    ],
)
def test_the_worst_finding_is_the_exit_status(levels: list[Level], expected: int) -> None:
    assert exit_status([Finding("x", level, "y") for level in levels]) == expected


def test_whoever_may_read_nothing_is_told_so_and_accused_of_nothing() -> None:
    nothing = replace(
        WELL,
        served=NOT_READ,
        crds=NOT_READ,
        policies=NOT_READ,
        workloads=NOT_READ,
        installation=NOT_READ,
        allowed=NOT_READ,
        lease=NOT_READ,
        tenants=NOT_READ,
        replicas=NOT_READ,
    )

    bad = _bad(nothing)

    assert {one.level for one in bad} == {Level.UNKNOWN}
    assert exit_status(bad) == 0
    assert sum(NOT_READ.why in one.what for one in bad) == 8


FAULTS: dict[str, tuple[Facts, Level, str, str]] = {
    "an old Kubernetes": (
        replace(WELL, version="v1.29.4"),
        Level.ERROR,
        "needs 1.30",
        "kubectl version",
    ),
    "a clock ahead": (replace(WELL, ahead=8.4), Level.WARNING, "8 s ahead", "timedatectl"),
    "a clock behind": (replace(WELL, ahead=-90), Level.ERROR, "90 s behind", "timedatectl"),
    "a leader's clock ahead": (
        replace(WELL, lease=_lease(age=-30)),
        Level.WARNING,
        "the leader is 30 s ahead",
        "timedatectl",
    ),
    "a leader's clock behind": (
        replace(WELL, lease=_lease(age=600), is_renewed=True),
        Level.WARNING,
        "the leader is 600 s behind",
        "timedatectl",
    ),
    "a kind that is missing": (
        replace(WELL, crds={n: _crd(n) for n in ("tenants.tenantry.io", "ratecards.tenantry.io")}),
        Level.ERROR,
        "applications.tenantry.io is not installed",
        "tenantry crds | kubectl apply",
    ),
    "no lease": (
        replace(WELL, lease=None),
        Level.ERROR,
        "there is no Lease tenantry-system/tenantry",
        "kubectl rollout restart deployment/tenantry -n tenantry-system",
    ),
    "a lease that was given back": (
        replace(WELL, lease=_lease(holderIdentity="")),
        Level.ERROR,
        "given back",
        "kubectl rollout restart",
    ),
    "a lease that ran out": (
        replace(WELL, lease=_lease(age=40), installation=replace(PLACE, deployment="")),
        Level.ERROR,
        "pod-a_1 has not renewed the Lease tenantry-system/tenantry for 40 s",
        "tenantry run --leader-elect --lease-namespace tenantry-system",
    ),
    "a Tenant that nobody looks at": (
        replace(WELL, tenants=[_tenant("acme", 0), _tenant("globex", Ready="True")]),
        Level.ERROR,
        "not looked at since changed: acme",
        "kubectl describe tenant acme",
    ),
    "a Tenant that waits for a person": (
        replace(WELL, tenants=[_tenant("acme", Ready="False", Stalled="True")]),
        Level.ERROR,
        "Stalled: acme",
        "kubectl describe tenant acme",
    ),
    "Tenants that are not ready": (
        replace(WELL, tenants=[_tenant(f"t{n}", Ready="False") for n in range(7)]),
        Level.WARNING,
        "not Ready: t0, t1, t2, t3, t4 and 2 more",
        "kubectl describe tenant t0",
    ),
    "a right that is missing": (
        replace(WELL, allowed=WELL.allowed | {Right("list", "configmaps"): False}),  # type: ignore[operator]
        Level.ERROR,
        "system:serviceaccount:tenantry-system:tenantry may not: list configmaps",
        "helm upgrade tenantry helm/tenantry --namespace tenantry-system --reuse-values",
    ),
    "a right to a kind that not every cluster has": (
        replace(
            WELL,
            allowed=WELL.allowed  # type: ignore[operator]
            | {Right("list", "sidecars", "networking.istio.io", is_optional=True): False},
        ),
        Level.WARNING,
        "may not: list sidecars.networking.istio.io",
        "helm upgrade",
    ),
    "a right too many": (
        replace(WELL, allowed=WELL.allowed | {FORBIDDEN[0]: True}),  # type: ignore[operator]
        Level.WARNING,
        "may do what it never does: get secrets",
        "kubectl get clusterrolebindings",
    ),
    "a plugin that enforces nothing": (
        replace(WELL, workloads=[_workload("DaemonSet", "kube-flannel-ds")]),
        Level.ERROR,
        "Flannel does not enforce",
        "nc -zv",
    ),
    "Amazon's plugin without its agent": (
        replace(WELL, workloads=[_workload("DaemonSet", "aws-node")]),
        Level.ERROR,
        "the Amazon VPC plugin does not enforce",
        "nc -zv",
    ),
    "a plugin that nobody knows": (
        replace(WELL, workloads=[_workload("DaemonSet", "my-cni")]),
        Level.WARNING,
        "cannot be told",
        "nc -zv",
    ),
    "a plugin of which only the kinds are known": (
        replace(WELL, workloads=[], served=frozenset({"cilium.io/v2", "metrics.k8s.io/v1beta1"})),
        Level.WARNING,
        "cannot be told: there are kinds of Cilium, and no DaemonSet",
        "nc -zv",
    ),
    "autoscalers without metrics": (
        replace(WELL, served=frozenset({"apps/v1"}), autoscalers=2),
        Level.WARNING,
        "2 HorizontalPodAutoscalers need it",
        "kubectl apply -f https://",
    ),
    "a queue that grows": (
        replace(WELL, replicas=[Replica("tenantry-1", leads=True, tenants=250)]),
        Level.WARNING,
        "250 Tenants and 0 Applications wait in tenantry-1",
        "kubectl logs tenantry-1 -n tenantry-system",
    ),
    "an operator of another version": (
        replace(WELL, replicas=[Replica("tenantry-1", leads=True, version="9.9.9")]),
        Level.WARNING,
        "tenantry-1 is tenantry 9.9.9",
        "kubectl get pod tenantry-1",
    ),
    "pods that nobody can reach": (
        replace(WELL, replicas=[Replica("tenantry-1", unseen=Unseen("no route to host"))]),
        Level.UNKNOWN,
        "the queue of tenantry-1: cannot be told: no route to host",
        "",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_with_what_mends_it(fault: str) -> None:
    facts, level, what, mend = FAULTS[fault]

    found = _only(facts)

    assert found.level is level
    assert what in found.what
    assert mend in found.mend
    assert found.means or level is Level.UNKNOWN


@pytest.mark.parametrize(
    ("name", "containers"),
    [
        ("cilium", []),
        ("aws-node", ["aws-eks-nodeagent"]),
        ("aws-node", ["aws-network-policy-agent"]),
    ],
)
def test_a_plugin_that_enforces_is_known_by_its_daemon_set(
    name: str, containers: list[str]
) -> None:
    found = _workload("DaemonSet", name, container=(containers or ["agent"])[0])

    assert _bad(replace(WELL, workloads=[_workload("DaemonSet", "kube-flannel"), found])) == []


CHANGES: dict[str, tuple[Change, Level]] = {
    "a field less": (
        lambda crd: crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"].pop(
            "status"
        ),
        Level.WARNING,
    ),
    "no rules": (
        lambda crd: crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"].pop(
            "x-kubernetes-validations"
        ),
        Level.WARNING,
    ),
    "a column less": (
        lambda crd: crd["spec"]["versions"][0]["additionalPrinterColumns"].pop(),
        Level.WARNING,
    ),
    "names that are taken": (
        lambda crd: crd["status"]["conditions"][0].update(status="False", message="tn is taken"),
        Level.ERROR,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_crd_that_differs_is_found(change: str) -> None:
    made, level = CHANGES[change]
    crds = {kind.crd_name: copy.deepcopy(_crd(kind.crd_name)) for kind in KINDS}
    made(crds["tenants.tenantry.io"])

    found = _only(replace(WELL, crds=crds))

    assert found.level is level
    assert found.what.startswith("tenants.tenantry.io is ")


def test_what_the_api_server_adds_to_a_crd_is_no_difference() -> None:
    crds = {kind.crd_name: copy.deepcopy(_crd(kind.crd_name)) for kind in KINDS}
    for crd in crds.values():
        crd["spec"]["conversion"] = {"strategy": "None"}
        crd["spec"]["names"]["listKind"] = f"{crd['spec']['names']['kind']}List"

    assert _bad(replace(WELL, crds=crds)) == []


def _with_policies(change: Callable[[list[Manifest]], Any], *, mutates: bool = True) -> Facts:
    found = copy.deepcopy(policies.manifests(mutating=mutates))
    change(found)
    return replace(WELL, policies=found, mutates=mutates)


def _warn(found: list[Manifest]) -> None:
    warning = {"fieldRef": "spec.validations[0].expression", "warning": "undefined field 'x'"}
    found[0]["status"] = {"typeChecking": {"expressionWarnings": [warning]}}


APPLY = "kubectl apply --server-side --force-conflicts -f -"
POLICY_FAULTS: dict[str, tuple[Facts, Level, str, str]] = {
    "missing": (
        _with_policies(lambda found: found.pop(0)),
        Level.ERROR,
        "not installed: tenantry-namespaces",
        f"tenantry policies | {APPLY}",
    ),
    "unbound": (
        _with_policies(lambda found: found.pop(1)),
        Level.ERROR,
        "not bound: tenantry-namespaces",
        f"tenantry policies | {APPLY}",
    ),
    "missing where nothing mutates": (
        _with_policies(lambda found: found.pop(0), mutates=False),
        Level.ERROR,
        "not installed: tenantry-namespaces",
        f"tenantry policies --validating | {APPLY}",
    ),
    "let go": (
        _with_policies(lambda found: found[0]["spec"].update(failurePolicy="Ignore")),
        Level.WARNING,
        "not as this version ships them: tenantry-namespaces",
        f"tenantry policies | {APPLY}",
    ),
    "with an exception": (
        _with_policies(
            lambda found: found[0]["spec"]["matchConstraints"].update(
                excludeResourceRules=[{"resources": ["*"]}]
            )
        ),
        Level.WARNING,
        "not as this version ships them: tenantry-namespaces",
        f"tenantry policies | {APPLY}",
    ),
    "left over": (
        _with_policies(
            lambda found: found.append(
                {"kind": found[0]["kind"], "metadata": {"name": "tenantry-old"}, "spec": {}}
            )
        ),
        Level.WARNING,
        "of no use to this version: tenantry-old",
        "kubectl delete validatingadmissionpolicy tenantry-old",
    ),
    "of the wrong type": (
        _with_policies(_warn),
        Level.WARNING,
        "tenantry-namespaces: 1 of its expressions",
        "kubectl describe validatingadmissionpolicy tenantry-namespaces",
    ),
}


@pytest.mark.parametrize("fault", POLICY_FAULTS)
def test_a_policy_that_does_not_do_its_work_is_found(fault: str) -> None:
    facts, level, what, mend = POLICY_FAULTS[fault]

    found = _only(facts)

    assert (found.level, found.mend) == (level, mend)
    assert found.what.startswith(what)


def test_what_the_api_server_adds_to_a_policy_is_no_difference() -> None:
    def default(found: list[Manifest]) -> None:
        match = found[0]["spec"]["matchConstraints"]
        match.update(matchPolicy="Equivalent", namespaceSelector={}, objectSelector={})
        match["resourceRules"][0]["scope"] = "*"

    assert _bad(_with_policies(default)) == []


def _state_metrics(*arguments: str) -> Facts:
    found = _workload("Deployment", "kube-state-metrics", *arguments)
    return replace(WELL, workloads=[CALICO, found])


ALL = ",".join(COST_LABELS)


@pytest.mark.parametrize(
    "arguments",
    [
        (f"{costs.FLAG}=namespaces=[{ALL}],pods=[{ALL},app]",),
        (f"{costs.FLAG}=*=[*]",),
        (f"{costs.FLAG}=pods=[*]", f"{costs.FLAG}=namespaces=[*],nodes=[zone]"),
    ],
)
def test_kube_state_metrics_that_shows_the_labels_is_well(arguments: tuple[str, ...]) -> None:
    assert _bad(_state_metrics("--port=8080", *arguments)) == []


def test_kube_state_metrics_gets_the_labels_and_keeps_what_it_showed() -> None:
    found = _only(_state_metrics("--port=8080", f"{costs.FLAG}=pods=[app],nodes=[zone]"))

    assert found.level is Level.WARNING
    assert found.mend == (
        "kubectl patch deployment kube-state-metrics -n monitoring --type=json -p "
        """'[{"op": "add", "path": "/spec/template/spec/containers/1/args", "value": """
        f"""["--port=8080", "{costs.FLAG}=pods=[app,{ALL}],nodes=[zone],namespaces=[{ALL}]"]"""
        "}]'"
    )


def test_without_an_installation_one_is_told_how_to_install_or_to_name_it() -> None:
    bad = _bad(replace(WELL, installation=None, allowed={}, lease=None, replicas=[]))

    (error,) = [one for one in bad if one.level is Level.ERROR]
    assert "--service-account" in error.means
    assert error.mend.startswith("helm upgrade --install tenantry helm/tenantry")
