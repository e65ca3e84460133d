"""Fields that show in quotas and limits."""

from spec_fields.field import Field, hard, item, web

AMOUNTS = {
    "an equal share of the tenant's quota": Field(
        {"quota": {"hard": {"pods": "8"}}},
        "ResourceQuota",
        hard("pods"),
        "4",
        before={"namespaces": [{"name": "web"}, {"name": "db"}]},
    ),
    "the quota of each namespace": Field(
        {"quota": {"perNamespace": {"requests.cpu": 1500}}},
        "ResourceQuota",
        hard("requests.cpu"),
        "1500",
    ),
    "the quota of one namespace": Field(
        web(quota={"hard": {"count/jobs.batch": "7"}}),
        "ResourceQuota",
        hard("count/jobs.batch"),
        "7",
    ),
    "node ports, when they are asked for": Field(
        {"quota": {"perNamespace": {"services.nodeports": "2"}}},
        "ResourceQuota",
        hard("services.nodeports"),
        "2",
    ),
    "a container's default limit": Field(
        {"limitRange": {"limits": [{"type": "Container", "default": {"cpu": "2"}}]}},
        "LimitRange",
        item("Container", "default", "cpu"),
        "2",
    ),
    "a container's default request": Field(
        {"limitRange": {"limits": [{"type": "Container", "defaultRequest": {"memory": "1Gi"}}]}},
        "LimitRange",
        item("Container", "defaultRequest", "memory"),
        "1Gi",
    ),
    "a container's maximum": Field(
        {"limitRange": {"limits": [{"type": "Container", "max": {"cpu": "3"}}]}},
        "LimitRange",
        item("Container", "max"),
        {"cpu": "3"},
    ),
    "a container's minimum": Field(
        {"limitRange": {"limits": [{"type": "Container", "min": {"cpu": "50m"}}]}},
        "LimitRange",
        item("Container", "min", "cpu"),
        "50m",
    ),
    "a container's ratio of limit to request": Field(
        {"limitRange": {"limits": [{"type": "Container", "maxLimitRequestRatio": {"cpu": 4}}]}},
        "LimitRange",
        item("Container", "maxLimitRequestRatio"),
        {"cpu": "4"},
    ),
    "a pod's maximum": Field(
        {"limitRange": {"limits": [{"type": "Pod", "max": {"cpu": "8"}}]}},
        "LimitRange",
        item("Pod"),
        {"type": "Pod", "max": {"cpu": "8"}},
    ),
    "the limits of one namespace": Field(
        web(limitRange={"limits": [{"type": "Container", "max": {"cpu": "1"}}]}),
        "LimitRange",
        item("Container", "max"),
        {"cpu": "1"},
        before={"limitRange": {"limits": [{"type": "Container", "max": {"cpu": "3"}}]}},
    ),
}
