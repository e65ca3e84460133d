"""Manifests that break one rule each, and what the API server says of them."""

from dataclasses import dataclass, field
from typing import Any

from tenantry.api.base import Manifest

NAME_IS_NO_LABEL = (
    "a Tenant's name must be a DNS label: lower-case letters, digits and hyphens, for it is part "
    "of namespace names and a label's value"
)
NAME_TOO_LONG = "a Tenant's name must have at most 40 characters, to leave room for namespace names"
NAMES_TOO_LONG = "prefix and namespace name must have at most 63 characters together"
OF_THE_SYSTEM = (
    "namespaces that begin with kube- or openshift- belong to the system: choose another name or "
    "prefix"
)
TOO_MANY = (
    "more namespaces are listed than the tenant may have: raise spec.namespaceOptions.max or "
    "remove some"
)
NOT_LISTED = "roleBindings[].namespaces must be short names listed in spec.namespaces"
NAMESPACE_OF_SUBJECT = "a ServiceAccount needs its namespace; a User or Group has none"
CLUSTER_ADMIN = (
    "cluster-admin in a namespace can delete its quota and isolation: use owners, or a ClusterRole "
    "of your own"
)
UNQUALIFIED = (
    "keys must be qualified names: an optional DNS prefix and '/', then at most 63 characters"
)
OUR_LABELS = (
    "labels under tenantry.io/ and pod-security.kubernetes.io/, app.kubernetes.io/managed-by and "
    "kubernetes.io/metadata.name are set by the operator: use spec.cost, spec.podSecurity or "
    "another key"
)
OUR_ANNOTATIONS = (
    "annotations under tenantry.io/ and scheduler.alpha.kubernetes.io/node-selector are set by the "
    "operator: use spec.nodeSelector or another key"
)
NO_QUOTA_KEY = (
    "keys must be ResourceQuota keys, such as requests.cpu, limits.memory, pods, "
    "services.loadbalancers, count/jobs.batch or requests.nvidia.com/gpu"
)
NO_HALVES = "things are counted in whole numbers, without a point, n, u or m"
ABSURD = "amounts are at most 9P, that is 9 with fifteen zeros"
NO_MONEY = (
    "must be a number above nought, with at most 9 digits before the point and 12 after it, in "
    'quotes: "1500"'
)
NO_DEFAULTS = "a Pod has no defaults: set those of its containers, with type Container"
NO_STORAGE = "a PersistentVolumeClaim needs a min or a max for storage"
RATIO_TOO_LOW = "maxLimitRequestRatio must be at least 1, for no limit is below its request"
RATIO_TOO_HIGH = "maxLimitRequestRatio must not be more than max divided by min"
NAME_OF_SUBJECT = "a ServiceAccount's name has lower-case letters, digits, hyphens and dots"
VALUES = "In and NotIn need values; Exists and DoesNotExist have none"
NO_PATTERN = "an entry that begins with ~ must be a regular expression (RE2)"
NO_TAG_PATTERN = "an entry that begins with ~, or with !~, must be a regular expression (RE2)"
ONLY_EXCEPTIONS = (
    "entries that begin with ! only take tags away from what the others allow: begin with '*', as "
    "in ['*', '!latest']"
)
NO_HOST = (
    "hosts are written like app.example.com, *.acme.example.com for everything below, or * for "
    "every host, and no host at all"
)
NO_NODE_SELECTOR = (
    "node selectors are written key=value, or key=* for any value, or * for everything"
)
NO_SUBJECT = (
    "subjects are written User:name, Group:name, ServiceAccount:namespace/name, or * for everybody"
)
NOT_IN_A_SCOPE = (
    "a scope counts pods and what they use: pods, cpu, memory, ephemeral-storage, their requests. "
    "and limits., and extended resources"
)
EMPTY_SCOPE = "a scope needs amounts of its own in hard, such as pods"
SCOPE_IS_FIXED = "the priority classes of a scope cannot change: make a scope of another name"
OVER_LIMIT = "a guarantee must not be more than the namespace's own hard limit"
NO_ADDRESS = "must be an IP address"
END_PORT = "endPort needs a numeric port that is not greater"
EMPTY_PEER = "a peer needs an ipBlock, a podSelector, a namespaceSelector or namespaces"
MIXED_PEER = "an ipBlock stands alone: write a peer of its own for pods or namespaces"
TWO_SELECTORS = "name the namespaces or select them by label, not both"
OUTSIDE = "every exception must lie within the cidr and be smaller"
NO_CIDR = "must be a network in CIDR notation: 203.0.113.0/24 or 2001:db8::/32"
PREFIX_IS_FIXED = (
    "the prefix cannot change, for a namespace cannot be renamed: make a new Tenant and move the "
    "workloads"
)


@dataclass(frozen=True)
class Bad:
    """A Tenant that breaks a rule.

    Args:
        spec: what is laid over a valid spec.
        message: a part of what the API server says.
        name: of the Tenant; a valid one if None.
        before: for rules about changes: the spec that was there.
    """

    spec: Manifest
    message: str
    name: str | None = None
    before: Manifest = field(default_factory=dict)


def _spaces(*names: str, **fields: Any) -> Manifest:
    return {"namespaces": [{"name": name, **fields} for name in names]}


def _subject(kind: str, name: str, **fields: str) -> Manifest:
    return {"editors": [{"kind": kind, "name": name, **fields}]}


def _system(name: str) -> str:
    return f'subject "{name}" belongs to the system or stands for everybody: name a user or group'


def _roles(role: str, *namespaces: str) -> Manifest:
    subjects = [{"kind": "User", "name": "ann"}]
    return {
        "roleBindings": [{"clusterRole": role, "subjects": subjects, "namespaces": [*namespaces]}]
    }


def _labels(**labels: str) -> Manifest:
    return {"namespaceOptions": {"labels": labels}}


def _annotations(key: str) -> Manifest:
    return {"namespaceOptions": {"annotations": {key: "x"}}}


def _peer(**peer: Any) -> Manifest:
    return {"network": {"egress": [{"to": [peer]}]}}


def _pods(**requirement: Any) -> Manifest:
    return _peer(podSelector={"matchExpressions": [{"key": "app", **requirement}]})


def _ports(**port: Any) -> Manifest:
    return {"network": {"internetEgress": {"ports": [port]}}}


def _limits(type_: str = "Container", **parts: str) -> Manifest:
    item = {"type": type_} | {part: {"cpu": value} for part, value in parts.items()}
    return {"limitRange": {"limits": [item]}}


def _over(lower: str, upper: str) -> Bad:
    bounds = {lower: "1001m", upper: "1"}
    return Bad(_limits(**bounds), f"{lower} must not be more than {upper}")


def _scope(priority_class: str) -> Manifest:
    scope = {"name": "a", "priorityClasses": [priority_class], "hard": {"pods": 1}}
    return {"quota": {"scopes": [scope]}}


def _prefix(prefix: str | None) -> Manifest:
    return {"namespaceOptions": {"prefix": prefix} if prefix else {}}


NAMES = {
    "a name with a dot": Bad({}, NAME_IS_NO_LABEL, name="acme.example"),
    "a name of 41 characters": Bad({}, NAME_TOO_LONG, name="a" * 41),
    "a namespace's name that is too long with the Tenant's": Bad(
        _spaces("b" * 30), NAMES_TOO_LONG, name="a" * 33
    ),
    "a namespace's name that is too long with the prefix": Bad(
        _prefix("c" * 39 + "-") | _spaces("b" * 24), NAMES_TOO_LONG
    ),
    "a name that the system's namespaces have": Bad({}, OF_THE_SYSTEM, name="kube"),
    "a name that OpenShift's namespaces have": Bad({}, OF_THE_SYSTEM, name="openshift-x"),
    "a prefix that the system's namespaces have": Bad(_prefix("kube-"), OF_THE_SYSTEM),
    "a prefix that changes": Bad(_prefix("b-"), PREFIX_IS_FIXED, before=_prefix("a-")),
    "a prefix that is taken out": Bad(_prefix(None), PREFIX_IS_FIXED, before=_prefix("a-")),
    "a prefix that comes later": Bad(_prefix("a-"), PREFIX_IS_FIXED, before=_prefix(None)),
    "more namespaces than it may have": Bad(
        _spaces("a", "b") | {"namespaceOptions": {"max": 1}}, TOO_MANY
    ),
    "more namespaces than by default": Bad(_spaces(*"abcdefghijk"), TOO_MANY),
}

PEOPLE = {
    "a service account without a namespace": Bad(
        _subject("ServiceAccount", "bot"), NAMESPACE_OF_SUBJECT
    ),
    "a user with a namespace": Bad(_subject("User", "ann", namespace="ci"), NAMESPACE_OF_SUBJECT),
    "a service account of an impossible name": Bad(
        _subject("ServiceAccount", "A_B", namespace="ci"), NAME_OF_SUBJECT
    ),
    "everybody": Bad(_subject("Group", "system:authenticated"), _system("system:authenticated")),
    "everybody who says nothing": Bad(
        _subject("User", "system:anonymous"), _system("system:anonymous")
    ),
    "the masters": Bad(_subject("Group", "system:masters"), _system("system:masters")),
    "all service accounts": Bad(
        _subject("Group", "system:serviceaccounts"), _system("system:serviceaccounts")
    ),
    "a service account as a user": Bad(
        _subject("User", "system:serviceaccount:ci:bot"), _system("system:serviceaccount:ci:bot")
    ),
    "a binding to cluster-admin": Bad(_roles("cluster-admin"), CLUSTER_ADMIN),
    "a binding in a namespace that is not listed": Bad(_roles("view", "nowhere"), NOT_LISTED),
}

MARKS = {
    "a label without a name": Bad(_labels(**{"example.com/": "x"}), UNQUALIFIED),
    "a label with a name of 64 characters": Bad(_labels(**{"a" * 64: "x"}), UNQUALIFIED),
    "a label that says whose the namespace is": Bad(
        _labels(**{"tenantry.io/tenant": "other"}), OUR_LABELS
    ),
    "a label below the operator's": Bad(_labels(**{"policy.tenantry.io/x": "x"}), OUR_LABELS),
    "a label that lowers pod security": Bad(
        _labels(**{"pod-security.kubernetes.io/enforce": "privileged"}), OUR_LABELS
    ),
    "a label that says who manages the namespace": Bad(
        _labels(**{"app.kubernetes.io/managed-by": "me"}), OUR_LABELS
    ),
    "a label that says the namespace's name": Bad(
        _labels(**{"kubernetes.io/metadata.name": "other"}), OUR_LABELS
    ),
    "a label of one namespace that is the operator's": Bad(
        _spaces("a", labels={"tenantry.io/tenant": "other"}), OUR_LABELS
    ),
    "an annotation without a name": Bad(_annotations("example.com/"), UNQUALIFIED),
    "an annotation below the operator's": Bad(
        _annotations("policy.tenantry.io/registries"), OUR_ANNOTATIONS
    ),
    "an annotation that selects nodes": Bad(
        _annotations("scheduler.alpha.kubernetes.io/node-selector"), OUR_ANNOTATIONS
    ),
    "a node selector that is no label": Bad({"nodeSelector": {"a b": "c"}}, UNQUALIFIED),
    "pod labels that are none": Bad(
        {"network": {"dns": {"podLabels": {"a/b/c": "d"}}}}, UNQUALIFIED
    ),
}

AMOUNTS = {
    "a quota of something unknown": Bad({"quota": {"hard": {"cpus": "1"}}}, NO_QUOTA_KEY),
    "a quota of each namespace, of something unknown": Bad(
        {"quota": {"perNamespace": {"limits.pods": "1"}}}, NO_QUOTA_KEY
    ),
    "a quota of one namespace, of something unknown": Bad(
        _spaces("a", quota={"hard": {"loadbalancers": "1"}}), NO_QUOTA_KEY
    ),
    "a pod and a half": Bad({"quota": {"hard": {"pods": "1500m"}}}, NO_HALVES),
    "a budget of nothing": Bad({"cost": {"budget": {"monthly": "0.00"}}}, NO_MONEY),
    "a budget with a sign": Bad({"cost": {"budget": {"monthly": "-5"}}}, NO_MONEY),
    "more memory than there is": Bad({"quota": {"hard": {"requests.memory": "8Ei"}}}, ABSURD),
    "half a Job": Bad({"quota": {"perNamespace": {"count/jobs.batch": "0.5"}}}, NO_HALVES),
}

LIMITS = {
    "a least over the default request": _over("min", "defaultRequest"),
    "a least over the default": _over("min", "default"),
    "a least over the most": _over("min", "max"),
    "a default request over the default": _over("defaultRequest", "default"),
    "a default request over the most": _over("defaultRequest", "max"),
    "a default over the most": _over("default", "max"),
    "a default of a pod": Bad(_limits("Pod", default="1"), NO_DEFAULTS),
    "a default request of a pod": Bad(_limits("Pod", defaultRequest="1"), NO_DEFAULTS),
    "a volume claim without storage": Bad(_limits("PersistentVolumeClaim", max="1"), NO_STORAGE),
    "a ratio below one": Bad(_limits(maxLimitRequestRatio="999m"), RATIO_TOO_LOW),
    "a ratio over the most by the least": Bad(
        _limits(maxLimitRequestRatio="5", min="500m", max="2"), RATIO_TOO_HIGH
    ),
}

NETWORK = {
    "an address that is none": Bad(
        {"network": {"dns": {"nodeLocalAddresses": ["169.254.20"]}}}, NO_ADDRESS
    ),
    "a range of ports that ends before it begins": Bad(_ports(port=443, endPort=80), END_PORT),
    "a range of ports that begins with a name": Bad(_ports(port="http", endPort=80), END_PORT),
    "a peer of nothing": Bad(_peer(), EMPTY_PEER),
    "a peer of pods and addresses": Bad(
        _peer(ipBlock={"cidr": "10.0.0.0/8"}, podSelector={}), MIXED_PEER
    ),
    "a peer of namespaces and addresses": Bad(
        _peer(ipBlock={"cidr": "10.0.0.0/8"}, namespaces=["a"]), MIXED_PEER
    ),
    "a peer of namespaces by name and by label": Bad(
        _peer(namespaces=["a"], namespaceSelector={}), TWO_SELECTORS
    ),
    "an exception from outside": Bad(
        _peer(ipBlock={"cidr": "10.0.0.0/8", "except": ["192.168.0.0/16"]}), OUTSIDE
    ),
    "an exception of the other family": Bad(
        _peer(ipBlock={"cidr": "10.0.0.0/8", "except": ["2001:db8::/32"]}), OUTSIDE
    ),
    "an exception that is larger": Bad(
        _peer(ipBlock={"cidr": "10.1.0.0/16", "except": ["10.0.0.0/8"]}), OUTSIDE
    ),
    "an exception that is the whole": Bad(
        _peer(ipBlock={"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8"]}), OUTSIDE
    ),
    "pods with one of no values": Bad(_pods(operator="In"), VALUES),
    "pods with a label, whatever its values": Bad(_pods(operator="Exists", values=["a"]), VALUES),
    "a number as the name of a port": Bad(_ports(port="80"), "should match"),
    "a port's name with two hyphens": Bad(_ports(port="http--alt"), "should match"),
    "a network that is an address": Bad(_peer(ipBlock={"cidr": "10.0.0.1"}), NO_CIDR),
    "an exception that is no network": Bad(
        _peer(ipBlock={"cidr": "10.0.0.0/8", "except": ["here"]}), NO_CIDR
    ),
}

ADMISSION = {
    "a pattern that is none": Bad({"allowed": {"registries": ["~ghcr.io/(acme"]}}, NO_PATTERN),
    "a pattern of tags that is none": Bad({"allowed": {"imageTags": ["~v("]}}, NO_TAG_PATTERN),
    "an excepted pattern of tags that is none": Bad(
        {"allowed": {"imageTags": ["*", "!~v("]}}, NO_TAG_PATTERN
    ),
    "no tags but exceptions": Bad({"allowed": {"imageTags": ["!latest"]}}, ONLY_EXCEPTIONS),
    "a host with a scheme": Bad({"allowed": {"hosts": ["https://a.example"]}}, NO_HOST),
    "a host with a star in its middle": Bad({"allowed": {"externalNames": ["a.*.b"]}}, NO_HOST),
    "an address for a network": Bad({"allowed": {"externalIPs": ["203.0.113.7"]}}, NO_CIDR),
    "a node selector without a value": Bad(
        {"allowed": {"nodeSelectors": ["pool"]}}, NO_NODE_SELECTOR
    ),
    "a subject without its kind": Bad({"allowed": {"subjects": ["jane"]}}, NO_SUBJECT),
    "a service account without its namespace": Bad(
        {"allowed": {"subjects": ["ServiceAccount:deployer"]}}, NO_SUBJECT
    ),
    "a scope that counts Services": Bad(
        {"quota": {"scopes": [{"name": "a", "priorityClasses": ["a"], "hard": {"services": 1}}]}},
        NOT_IN_A_SCOPE,
    ),
    "a scope of nothing": Bad(
        {"quota": {"scopes": [{"name": "a", "priorityClasses": ["a"], "hard": {}}]}}, EMPTY_SCOPE
    ),
    "a scope that changes its classes": Bad(_scope("b"), SCOPE_IS_FIXED, before=_scope("a")),
    "a guarantee over the limit": Bad(
        _spaces("a", quota={"hard": {"pods": 5}, "guarantee": {"pods": "6"}}), OVER_LIMIT
    ),
}

BAD_MANIFESTS = NAMES | PEOPLE | MARKS | AMOUNTS | LIMITS | NETWORK | ADMISSION
