"""Fields that show in what admission policies read from a Namespace."""

from spec_fields.field import Field, annotation, label


def _allowed(field: str, rule: str, *entries: str) -> Field:
    return Field(
        {"allowed": {field: [*entries]}},
        "Namespace",
        annotation(f"policy.tenantry.io/{rule}"),
        "\n".join(sorted(entries)),
    )


def _policies(kind: str, shows: str) -> Field:
    return Field(
        {"network": {"tenantPolicies": kind}},
        "Namespace",
        annotation("policy.tenantry.io/egress-peers"),
        shows,
    )


ADMISSION = {
    "registries": _allowed("registries", "registries", "ghcr.io/acme", "~reg[.]example/.*"),
    "tags": _allowed("imageTags", "image-tags", "*", "!latest", "!~dev-.*"),
    "no tag": _allowed("imageTags", "image-tags"),
    "pull policies": _allowed("imagePullPolicies", "image-pull-policies", "Always"),
    "priority classes": _allowed("priorityClasses", "priority-classes", "batch-*"),
    "runtime classes": _allowed("runtimeClasses", "runtime-classes", "gvisor"),
    "storage classes": _allowed("storageClasses", "storage-classes", "fast", "slow"),
    "no storage class": _allowed("storageClasses", "storage-classes"),
    "volumes": _allowed("persistentVolumes", "persistent-volumes", "acme-*"),
    "ingress classes": _allowed("ingressClasses", "ingress-classes", "nginx"),
    "gateway classes": _allowed("gatewayClasses", "gateway-classes", "istio"),
    "hosts": _allowed("hosts", "hosts", "*.acme.example.com", "shop.example.com"),
    "every host": _allowed("hosts", "hosts", "*"),
    "service types": _allowed("serviceTypes", "service-types", "ClusterIP"),
    "external addresses": _allowed("externalIPs", "external-ips", "203.0.113.0/28"),
    "external names": _allowed("externalNames", "external-names", "db.example.com"),
    "load balancers' sources": _allowed(
        "loadBalancerSourceRanges", "load-balancer-source-ranges", "198.51.100.0/24"
    ),
    "node selectors": _allowed("nodeSelectors", "node-selectors", "pool=a", "zone=*"),
    "tolerations": _allowed("tolerations", "tolerations", "dedicated"),
    "whom owners may let in": Field(
        {"allowed": {"subjects": ["Group:partners-*"]}},
        "Namespace",
        lambda seen: (
            "Group:partners-*" in annotation("policy.tenantry.io/subjects")(seen).splitlines()
        ),
        shows=True,
    ),
    "who is exempt": Field(
        {
            "policy": {
                "exemptions": [
                    {"kind": "ServiceAccount", "name": "deployer", "namespace": "ci"},
                    {"kind": "User", "name": "jane@acme.example"},
                ]
            }
        },
        "Namespace",
        annotation("policy.tenantry.io/exemptions"),
        "ServiceAccount:ci/deployer\nUser:jane@acme.example",
    ),
    "the mode": Field(
        {"policy": {"mode": "Warn"}}, "Namespace", label("policy.tenantry.io/mode"), "warn"
    ),
    "no network policies of the tenant's own": _policies("None", "-"),
    "any network policies of the tenant's own": _policies("Any", "*"),
}
