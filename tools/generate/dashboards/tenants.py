"""The dashboard for those who have tenants: how they are, and what they use of what they may."""

from typing import Final

from generate.dashboards.grafana import Dashboard, Panel

_CHOSEN: Final = 'tenant=~"$tenant"'

_STATES: Final = (
    Panel("Tenants", "By state.", {"{{state}}": "max by (state) (tenantry_tenants)"}, width=6),
    Panel(
        "Namespaces",
        "By state.",
        {"{{state}}": "max by (state) (tenantry_namespaces)"},
        width=6,
    ),
    Panel(
        "Applications",
        "By state.",
        {"{{state}}": "max by (state) (tenantry_applications)"},
        width=6,
    ),
    Panel(
        "What is not well",
        "Tenants that have a condition which says so.",
        {
            "not {{condition}}": "max by (condition) "
            '(tenantry_tenant_conditions{status="False"}) > 0',
            "{{condition}}": "max by (condition) (tenantry_tenant_conditions"
            '{condition=~"Stalled|OverQuota|DeletionBlocked|NamespacesParked",status="True"}) > 0',
        },
        width=6,
    ),
)

_SHARE: Final = f"""max by (tenant, resource) (
  tenantry_tenant_quota_used{{{_CHOSEN}}} / (tenantry_tenant_quota_hard{{{_CHOSEN}}} > 0)
)"""


def _amounts(unit: str, title: str, shown_as: str) -> tuple[Panel, ...]:
    where = f'{_CHOSEN},unit="{unit}"'
    return (
        Panel(
            f"{title} of tenants",
            "Used, and allowed.",
            {
                "{{tenant}} {{resource}} used": "max by (tenant, resource) "
                f"(tenantry_tenant_quota_used{{{where}}})",
                "{{tenant}} {{resource}} allowed": "max by (tenant, resource) "
                f"(tenantry_tenant_quota_hard{{{where}}})",
            },
            shown_as,
        ),
        Panel(
            f"{title} used in namespaces",
            "The ten that use most.",
            {
                "{{namespace}} {{resource}}": "topk(10, max by (namespace, resource) "
                f'(tenantry_quota_used{{{where},scope=""}}))'
            },
            shown_as,
        ),
        Panel(
            f"{title} lent to namespaces",
            "What of a tenant's quota is theirs now: the ten that have most.",
            {
                "{{namespace}} {{resource}}": "topk(10, max by (namespace, resource) "
                f'(tenantry_quota_hard{{{where},scope=""}}))'
            },
            shown_as,
        ),
    )


_FULLEST: Final = Panel(
    "Share of the quota that is used",
    "The twenty that are fullest.",
    {"{{tenant}} {{resource}}": f"topk(20, {_SHARE})"},
    "percentunit",
    width=24,
)

DASHBOARD: Final = Dashboard(
    "tenants",
    "Tenantry / Tenants",
    {
        "States": _STATES,
        "Quotas": (_FULLEST,),
        "Cores": _amounts("cores", "Cores", "short"),
        "Memory and storage": _amounts("bytes", "Bytes", "bytes"),
        "Objects": _amounts("objects", "Objects", "short"),
    },
    {"tenant": "label_values(tenantry_tenant_quota_hard, tenant)"},
)
