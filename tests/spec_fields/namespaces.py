"""Fields that show in a Namespace's labels and annotations."""

from spec_fields.field import Field, annotation, label, web

NODE_SELECTOR = "scheduler.alpha.kubernetes.io/node-selector"

MARKS = {
    "labels of all namespaces": Field(
        {"namespaceOptions": {"labels": {"example.com/team": "a"}}},
        "Namespace",
        label("example.com/team"),
        "a",
    ),
    "annotations of all namespaces": Field(
        {"namespaceOptions": {"annotations": {"example.com/page": "a b"}}},
        "Namespace",
        annotation("example.com/page"),
        "a b",
    ),
    "labels of one namespace": Field(
        web(labels={"example.com/team": "b"}), "Namespace", label("example.com/team"), "b"
    ),
    "a label of one namespace over that of all": Field(
        web(labels={"example.com/team": "b"}),
        "Namespace",
        label("example.com/team"),
        "b",
        before={"namespaceOptions": {"labels": {"example.com/team": "a"}}},
    ),
    "annotations of one namespace": Field(
        web(annotations={"example.com/page": "c"}),
        "Namespace",
        annotation("example.com/page"),
        "c",
    ),
    "the cost centre": Field(
        {"cost": {"costCenter": "CC-1"}}, "Namespace", label("tenantry.io/cost-center"), "CC-1"
    ),
    "the cost centre of what is in a namespace": Field(
        {"cost": {"costCenter": "CC-1"}}, "ResourceQuota", label("tenantry.io/cost-center"), "CC-1"
    ),
    "the department": Field(
        {"cost": {"department": "retail"}}, "Namespace", label("tenantry.io/department"), "retail"
    ),
    "the environment": Field(
        {"cost": {"environment": "prod"}}, "Namespace", label("tenantry.io/environment"), "prod"
    ),
    "the environment of one namespace": Field(
        web(environment="dev"),
        "Namespace",
        label("tenantry.io/environment"),
        "dev",
        before={"cost": {"environment": "prod"}},
    ),
    "the pod security level": Field(
        {"podSecurity": {"level": "baseline"}},
        "Namespace",
        label("pod-security.kubernetes.io/enforce"),
        "baseline",
    ),
    "the pod security version": Field(
        {"podSecurity": {"version": "v1.30"}},
        "Namespace",
        label("pod-security.kubernetes.io/enforce-version"),
        "v1.30",
    ),
    "the pod security level of one namespace": Field(
        web(podSecurity="privileged"),
        "Namespace",
        label("pod-security.kubernetes.io/warn"),
        "privileged",
        before={"podSecurity": {"level": "baseline"}},
    ),
    "the node selector": Field(
        {"nodeSelector": {"pool": "a", "disk": "ssd"}},
        "Namespace",
        annotation(NODE_SELECTOR),
        "disk=ssd,pool=a",
    ),
    "the node selector of one namespace": Field(
        web(nodeSelector={"pool": "b"}),
        "Namespace",
        annotation(NODE_SELECTOR),
        "pool=b",
        before={"nodeSelector": {"pool": "a"}},
    ),
}
