"""The dashboard for those who run the operator: is it well, what does it do and wait for."""

from typing import Final

from generate.dashboards.grafana import Dashboard, Panel

_OURS: Final = "and on (job, instance) tenantry_build_info"
"""Processes have metrics of one name, whatever they run."""


def _quantiles(name: str, by: str = "") -> dict[str, str]:
    """The median and what is beyond it, of a histogram."""
    labels = f"le, {by}" if by else "le"
    rate = f"sum by ({labels}) (rate({name}_bucket[$__rate_interval]))"
    shares = {"median": 0.5, "95 %": 0.95, "99 %": 0.99}
    prefix = f"{{{{{by}}}}} " if by else ""
    return {f"{prefix}{what}": f"histogram_quantile({q}, {rate})" for what, q in shares.items()}


def _work(prefix: str, what: str) -> tuple[Panel, ...]:
    return (
        Panel(
            f"Looks at {what}",
            "A second, by what came of them.",
            {
                "{{outcome}}": f"sum by (outcome) "
                f"(rate({prefix}_reconciles_total[$__rate_interval]))"
            },
            "ops",
        ),
        Panel("Time that they take", "", _quantiles(f"{prefix}_reconcile_duration_seconds"), "s"),
        Panel(
            f"Time that {what} wait for one",
            "From the moment at which something was heard.",
            _quantiles(f"{prefix}_queue_latency_seconds"),
            "s",
        ),
    )


_HEALTH: Final = (
    Panel(
        "Leaders",
        "One, unless something is wrong.",
        {"leaders": "sum(tenantry_leader)"},
        type="stat",
        width=4,
    ),
    Panel(
        "Replicas",
        "Those that are scraped.",
        {"replicas": "count(tenantry_build_info)"},
        type="stat",
        width=4,
    ),
    Panel(
        "Policies missing",
        "Admission policies that are not in force.",
        {"policies": "max(tenantry_admission_policies_missing)"},
        type="stat",
        width=4,
    ),
    Panel(
        "Longest look",
        "That is under way. One that lasts for minutes is stuck.",
        {"longest": "max(tenantry_oldest_reconcile_seconds)"},
        "s",
        type="stat",
        width=4,
    ),
    Panel(
        "Waiting",
        "For a worker.",
        {
            "Tenants": "max(tenantry_queue_depth)",
            "Applications": "max(tenantry_application_queue_depth)",
        },
        type="stat",
        width=8,
    ),
)

_REQUESTS: Final = (
    Panel(
        "Requests",
        "To the API server, a second, by status; 0 is no answer.",
        {"{{code}}": "sum by (code) (rate(tenantry_api_requests_total[$__rate_interval]))"},
        "reqps",
    ),
    Panel(
        "Time to an answer",
        "",
        _quantiles("tenantry_api_request_duration_seconds", "verb"),
        "s",
    ),
    Panel(
        "Writes",
        "That the API server accepted, a second. Idle, there are none.",
        {"{{kind}}": "sum by (kind) (rate(tenantry_writes_total[$__rate_interval]))"},
        "wps",
    ),
    Panel(
        "Silence of watches",
        "Since the API server last said something; bookmarks come once a minute.",
        {"{{kind}}": "time() - max by (kind) (tenantry_watch_heard_timestamp_seconds)"},
        "s",
    ),
    Panel(
        "Objects known",
        "In the leader's cache.",
        {"{{kind}}": "max by (kind) (tenantry_cache_objects)"},
    ),
    Panel(
        "Leader",
        "Which replica leads.",
        {"{{instance}}": "tenantry_leader"},
    ),
)

_PROCESS: Final = (
    Panel(
        "Processor",
        "Cores.",
        {"{{instance}}": f"rate(process_cpu_seconds_total[$__rate_interval]) {_OURS}"},
    ),
    Panel(
        "Memory",
        "Resident.",
        {"{{instance}}": f"process_resident_memory_bytes {_OURS}"},
        "bytes",
    ),
    Panel(
        "Age",
        "Since the process started.",
        {"{{instance}}": f"time() - process_start_time_seconds {_OURS}"},
        "s",
    ),
)

DASHBOARD: Final = Dashboard(
    "operator",
    "Tenantry / Operator",
    {
        "Is it well?": _HEALTH,
        "Tenants": _work("tenantry", "Tenants"),
        "Applications": _work("tenantry_application", "Applications"),
        "API server": _REQUESTS,
        "Processes": _PROCESS,
    },
)
