"""Every metric of the operator, told once: the pages and the reference are made from this list.

Names follow https://prometheus.io/docs/practices/naming/: one prefix, base units at the end,
``_total`` for what is counted. No label has values that a tenant's users choose freely, so that
nobody can make series without end; how many a family has at most is told beside it.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from tenantry.telemetry.families import (
    KIND,
    PROCESS,
    REQUEST_BUCKETS,
    Family,
    looks,
)

_VERB: Final = "`get`, `list`, `create`, `update`, `patch` or `delete`"
_RESOURCE: Final = {
    "resource": "a key of a ResourceQuota, such as `requests.cpu`",
    "unit": "`cores`, `bytes` or `objects`",
}
_TENANT: Final = {"tenant": "a Tenant's name"}
_SPACE: Final = {
    **_TENANT,
    "namespace": "a namespace of it",
    "scope": "a name of `spec.quota.scopes`, empty for all that is in the namespace",
}
_UNIT: Final = "in cores, bytes or objects, as the unit says."

TENANT_LOOKS: Final = looks("tenantry", "a Tenant")
APPLICATION_LOOKS: Final = looks("tenantry_application", "an Application")

BUILD_INFO: Final = Family(
    "tenantry_build_info",
    "gauge",
    "Versions of the operator and its parts; always 1.",
    {"tenantry": "its version", "kopf": "Kopf's", "kubernetes": "the client's"},
)
LEADER: Final = Family(
    "tenantry_leader",
    "gauge",
    "1 on the replica that holds the lease (or needs none), 0 on those that stand by.",
)
POLICIES_MISSING: Final = Family(
    "tenantry_admission_policies_missing",
    "gauge",
    "Admission policies of this release that are not installed, or not bound.",
)
REQUESTS: Final = Family(
    "tenantry_api_requests_total",
    "counter",
    "Requests to the API server, by verb, kind and HTTP status (0: no answer came).",
    {"verb": _VERB, "kind": KIND, "code": "an HTTP status, or `0`"},
    "some hundred",
)
REQUEST_DURATIONS: Final = Family(
    "tenantry_api_request_duration_seconds",
    "histogram",
    "Time from sending a request to the API server to its answer, in seconds.",
    {"verb": _VERB},
    "6",
    REQUEST_BUCKETS,
)
WRITES: Final = Family(
    "tenantry_writes_total",
    "counter",
    "Writes that the API server accepted, by kind and verb; leases of the election are not "
    "among them.",
    {"kind": KIND, "verb": "`create`, `update`, `patch` or `delete`"},
    "one hundred",
)
WATCH_HEARD: Final = Family(
    "tenantry_watch_heard_timestamp_seconds",
    "gauge",
    "When the API server last said something on a watch, in seconds since 1970; bookmarks come "
    "once a minute. Only the leader watches.",
    {"kind": KIND},
    "one a kind",
)
QUEUE_DEPTH: Final = Family(
    "tenantry_queue_depth", "gauge", "Tenants that wait in the queue for a worker."
)
OLDEST_LOOK: Final = Family(
    "tenantry_oldest_reconcile_seconds",
    "gauge",
    "For how long the longest of the reconciles that are under way has lasted, in seconds.",
)
CACHE_OBJECTS: Final = Family(
    "tenantry_cache_objects", "gauge", "Objects in the cache, by kind.", {"kind": KIND}, "30"
)
TENANTS: Final = Family(
    "tenantry_tenants",
    "gauge",
    "Tenants, by state.",
    {"state": "`Pending`, `Active`, `Suspended`, `Degraded` or `Terminating`"},
    "5",
)
TENANT_CONDITIONS: Final = Family(
    "tenantry_tenant_conditions",
    "gauge",
    "Tenants that have a condition, by its type and status.",
    {"condition": "a type, such as `Ready` or `Stalled`", "status": "`True`, `False`, `Unknown`"},
    "36",
)
NAMESPACES: Final = Family(
    "tenantry_namespaces",
    "gauge",
    "Tenant namespaces, by state.",
    {"state": "as in `status.namespaces` of a Tenant"},
    "10",
)
TENANT_QUOTA_HARD: Final = Family(
    "tenantry_tenant_quota_hard",
    "gauge",
    f"What a Tenant may use as a whole, {_UNIT}",
    {**_TENANT, **_RESOURCE},
    "Tenants times keys of their quotas",
)
TENANT_QUOTA_USED: Final = Family(
    "tenantry_tenant_quota_used",
    "gauge",
    f"What a Tenant uses as a whole, {_UNIT}",
    {**_TENANT, **_RESOURCE},
    "Tenants times keys of their quotas",
)
QUOTA_HARD: Final = Family(
    "tenantry_quota_hard",
    "gauge",
    f"What a namespace may use now, {_UNIT}",
    {**_SPACE, **_RESOURCE},
    "entries of the ResourceQuotas",
)
QUOTA_USED: Final = Family(
    "tenantry_quota_used",
    "gauge",
    f"What a namespace uses, {_UNIT}",
    {**_SPACE, **_RESOURCE},
    "entries of the ResourceQuotas",
)
APPLICATIONS_QUEUED: Final = Family(
    "tenantry_application_queue_depth",
    "gauge",
    "Applications that wait in the queue for a worker.",
)
APPLICATIONS: Final = Family(
    "tenantry_applications",
    "gauge",
    "Applications, by state.",
    {"state": "`Pending`, `Progressing`, `Ready`, `Degraded` or `Terminating`"},
    "5",
)

_SPENT: Final = {**_TENANT, "currency": "of the RateCards, by ISO 4217"}

TENANT_COST: Final = Family(
    "tenantry_tenant_cost_month_to_date",
    "gauge",
    "What a Tenant has cost since the month began, in the currency; where a meter tells.",
    _SPENT,
    "Tenants",
)
TENANT_COST_PROJECTED: Final = Family(
    "tenantry_tenant_cost_projected",
    "gauge",
    "What the month will have cost a Tenant if it goes on like this, in the currency.",
    _SPENT,
    "Tenants",
)
TENANT_BUDGET_USED: Final = Family(
    "tenantry_tenant_budget_used_ratio",
    "gauge",
    "What part of its monthly budget a Tenant has spent; 1 is all of it.",
    _TENANT,
    "Tenants that have a budget",
)

SECTIONS: Final[Mapping[str, tuple[Family, ...]]] = {
    "The replica": (BUILD_INFO, LEADER, POLICIES_MISSING, CACHE_OBJECTS),
    "Requests and watches": (REQUESTS, REQUEST_DURATIONS, WRITES, WATCH_HEARD),
    "Looks at Tenants": (*TENANT_LOOKS, QUEUE_DEPTH, OLDEST_LOOK),
    "Looks at Applications": (*APPLICATION_LOOKS, APPLICATIONS_QUEUED),
    "Tenants": (TENANTS, TENANT_CONDITIONS, NAMESPACES, TENANT_QUOTA_HARD, TENANT_QUOTA_USED),
    "Namespaces and Applications": (QUOTA_HARD, QUOTA_USED, APPLICATIONS),
    "What Tenants cost": (TENANT_COST, TENANT_COST_PROJECTED, TENANT_BUDGET_USED),
    "The process (on Linux)": PROCESS,
}
"""What ``tenantry run`` serves, as a reader looks for it."""


def families() -> Iterator[Family]:
    """All that the operator serves."""
    for section in SECTIONS.values():
        yield from section
