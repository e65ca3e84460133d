"""What brings each alert about, and what ends it: series as promtool's rule tests write them.

See https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/. A value is taken
each minute.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from examples import ROOT

FILE: Final = ROOT / "helm" / "tenantry" / "files" / "alerts.yaml"


@dataclass(frozen=True, kw_only=True)
class Case:
    """An alert that is brought about and ended.

    Attributes:
        series: name and labels to values, the trouble first and then its end.
        fires: minutes after which it fires; a minute before it does not.
        clears: minutes after which it has ended.
        labels: of the alert, besides its severity.
        summary: what it says.
    """

    alert: str
    series: dict[str, str]
    fires: int
    clears: int
    labels: dict[str, str] = field(default_factory=dict)
    summary: str


def rules() -> list[dict[str, Any]]:
    """All alerting rules of the chart."""
    groups = yaml.safe_load(FILE.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _queue(prefix: str) -> dict[str, str]:
    """Waits of a minute for an hour, and then of none."""
    name = f"{prefix}_queue_latency_seconds_bucket"
    return {
        f'{name}{{le="10"}}': "0x60 0+10x60",
        f'{name}{{le="60"}}': "0+10x120",
        f'{name}{{le="+Inf"}}': "0+10x120",
    }


LEADER: Final = 'tenantry_leader{instance="a"}'
STANDBY: Final = 'tenantry_leader{instance="b"}'
_CONDITION: Final = "tenantry_tenant_conditions"
CASES: Final = (
    Case(
        alert="TenantryAbsent",
        series={'tenantry_build_info{instance="a"}': "_x6 1x10"},
        fires=5,
        clears=7,
        summary="Nothing is known of Tenantry",
    ),
    Case(
        alert="TenantryNoLeader",
        series={LEADER: "1 1 0x5 0x9", STANDBY: "0 0 0x5 1x9"},
        fires=4,
        clears=9,
        summary="No replica of Tenantry leads",
    ),
    Case(
        alert="TenantrySeveralLeaders",
        series={LEADER: "1x20", STANDBY: "0 0 1x5 0x9"},
        fires=4,
        clears=9,
        summary="2 replicas of Tenantry work at the same time",
    ),
    Case(
        alert="TenantryRestarting",
        series={
            'process_start_time_seconds{job="tenantry",instance="a"}': "10+60x4 250x90",
            'tenantry_build_info{job="tenantry",instance="a",tenantry="1"}': "1x100",
            'process_start_time_seconds{job="other",instance="z"}': "10+60x99",
        },
        fires=9,
        clears=66,
        labels={"job": "tenantry", "instance": "a"},
        summary="Tenantry at a has started 4 times in an hour",
    ),
    Case(
        alert="TenantryBlind",
        series={
            'tenantry_watch_heard_timestamp_seconds{kind="Pod",instance="a"}': "0x15 960+60x9",
            'tenantry_watch_heard_timestamp_seconds{kind="Namespace",instance="a"}': "0+60x25",
        },
        fires=11,
        clears=17,
        labels={"kind": "Pod"},
        summary="Tenantry has heard nothing of Pod objects for five minutes",
    ),
    Case(
        alert="TenantryStuck",
        series={"tenantry_oldest_reconcile_seconds": "0+60x20 0x9"},
        fires=14,
        clears=22,
        summary="A look of Tenantry's does not end",
    ),
    Case(
        alert="TenantryQueueSlow",
        series=_queue("tenantry"),
        fires=31,
        clears=80,
        labels={"queue": "tenants"},
        summary="Tenants wait longer than 25 seconds for Tenantry",
    ),
    Case(
        alert="TenantryQueueSlow",
        series=_queue("tenantry_application"),
        fires=31,
        clears=80,
        labels={"queue": "applications"},
        summary="Applications wait longer than 25 seconds for Tenantry",
    ),
    Case(
        alert="TenantryReconcilesFail",
        series={
            'tenantry_reconciles_total{outcome="failed"}': "0+3x60 180x40",
            'tenantry_reconciles_total{outcome="changed"}': "0+1x100",
        },
        fires=31,
        clears=75,
        summary="75% of Tenantry's looks at Tenants fail",
    ),
    Case(
        alert="TenantryRequestsFail",
        series={
            'tenantry_api_requests_total{verb="list",kind="Pod",code="200"}': "0+6x60",
            'tenantry_api_requests_total{verb="list",kind="Pod",code="0"}': "0+1x30 30x30",
            'tenantry_api_requests_total{verb="list",kind="Pod",code="503"}': "0+1x30 30x30",
        },
        fires=16,
        clears=46,
        summary="The API server fails 25% of Tenantry's requests",
    ),
    Case(
        alert="TenantryForbidden",
        series={
            'tenantry_api_requests_total{verb="create",kind="Namespace",code="403"}': "0+1x50 50x30"
        },
        fires=31,
        clears=66,
        labels={"verb": "create", "kind": "Namespace"},
        summary="Tenantry may not create Namespace objects",
    ),
    Case(
        alert="TenantryRepairsWithoutEnd",
        series={
            'tenantry_writes_total{verb="patch",kind="NetworkPolicy"}': "0+60x90 5400x30",
            'tenantry_writes_total{verb="patch",kind="Tenant"}': "0+600x120",
            'tenantry_writes_total{verb="create",kind="LimitRange"}': "0+600x120",
        },
        fires=64,
        clears=105,
        labels={"kind": "NetworkPolicy"},
        summary="Tenantry has been writing NetworkPolicy objects for an hour without an end",
    ),
    Case(
        alert="TenantryPoliciesMissing",
        series={
            'tenantry_admission_policies_missing{instance="a"}': "3x7 0x9",
            'tenantry_admission_policies_missing{instance="b"}': "0x20",
        },
        fires=5,
        clears=8,
        summary="3 of Tenantry's admission policies are not in force",
    ),
    Case(
        alert="TenantryTenantStalled",
        series={f'{_CONDITION}{{condition="Stalled",status="True"}}': "2x20 _x9"},
        fires=15,
        clears=26,
        summary="2 Tenants wait for a person",
    ),
    Case(
        alert="TenantryTenantNotReady",
        series={f'{_CONDITION}{{condition="Ready",status="False"}}': "1x70 0x9"},
        fires=60,
        clears=71,
        summary="There have been Tenants that are not ready for an hour, now 1",
    ),
    Case(
        alert="TenantryTenantOverQuota",
        series={f'{_CONDITION}{{condition="OverQuota",status="True"}}': "1x70 0x9"},
        fires=60,
        clears=71,
        summary="1 Tenants use more than their quota",
    ),
    Case(
        alert="TenantryTenantQuotaFull",
        series={
            'tenantry_tenant_quota_used{tenant="acme",resource="pods",unit="objects"}': "19x70 9x9",
            'tenantry_tenant_quota_hard{tenant="acme",resource="pods",unit="objects"}': "20x90",
            'tenantry_tenant_quota_used{tenant="globex",resource="pods",unit="objects"}': "0x90",
            'tenantry_tenant_quota_hard{tenant="globex",resource="pods",unit="objects"}': "0x90",
        },
        fires=60,
        clears=71,
        labels={"tenant": "acme", "resource": "pods"},
        summary="acme uses 95% of its quota of pods",
    ),
)


def rule_tests() -> dict[str, Any]:
    """All cases, as a file that ``promtool test rules`` reads."""
    return {
        "rule_files": [str(FILE)],
        "evaluation_interval": "1m",
        "tests": [_test(case) for case in CASES],
    }


def _test(case: Case) -> dict[str, Any]:
    [rule] = [
        one
        for one in rules()
        if one["alert"] == case.alert
        and all(one["labels"].get(name, value) == value for name, value in case.labels.items())
    ]
    fires = {
        "exp_labels": {**rule["labels"], **case.labels},
        "exp_annotations": {**rule["annotations"], "summary": case.summary},
    }
    moments = ((case.fires - 1, []), (case.fires, [fires]), (case.clears, []))
    return {
        "name": case.alert,
        "interval": "1m",
        "input_series": [{"series": one, "values": v} for one, v in case.series.items()],
        "alert_rule_test": [
            {"eval_time": f"{minute}m", "alertname": case.alert, "exp_alerts": alerts}
            for minute, alerts in moments
        ],
    }
