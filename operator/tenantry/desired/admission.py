"""What admission policies read from a tenant's namespace: labels and ``policy.tenantry.io/``.

The policies are the same for all tenants and are evaluated inside the API server, which hands them
the Namespace of whatever is admitted. So what differs by tenant is written on the Namespace: every
rule's annotation always, entries one a line, empty where nothing is allowed. A policy that finds no
annotation refuses, for such a namespace is not done yet.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tenantry.api.access import Subject
from tenantry.api.admission import Allowed
from tenantry.api.base import Manifest
from tenantry.api.names import MODE_LABEL, NAMESPACE_NAME_LABEL, POLICY_PREFIX
from tenantry.api.network import Network
from tenantry.api.tenant import Tenant

EVERYTHING: Final = ["*"]
_NOTHING: Final[list[str]] = []
_STANDARD: Final[Mapping[str, list[str]]] = {
    "registries": EVERYTHING,
    "image_tags": EVERYTHING,
    "image_pull_policies": EVERYTHING,
    "priority_classes": _NOTHING,
    "runtime_classes": _NOTHING,
    "storage_classes": EVERYTHING,
    "persistent_volumes": _NOTHING,
    "ingress_classes": EVERYTHING,
    "gateway_classes": EVERYTHING,
    "hosts": _NOTHING,
    "service_types": ["ClusterIP", "NodePort", "LoadBalancer"],
    "external_ips": _NOTHING,
    "external_names": _NOTHING,
    "load_balancer_source_ranges": EVERYTHING,
    "node_selectors": EVERYTHING,
    "tolerations": _NOTHING,
    "workload_kinds": ["CronJob", "Deployment", "Job", "StatefulSet"],
}
"""What a list stands for that is left out, as its field's description says."""

_OF_APPLICATIONS: Final[Mapping[str, list[str]]] = {
    "tenants": _NOTHING,
}
"""Likewise, of what is asked of Applications alone: no admission policy reads it."""

_NONE: Final = "-"
"""In place of a floor: no NetworkPolicy of the tenant's own is admitted."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What is the same in all of a tenant's namespaces, computed once."""

    mode: str
    rules: Mapping[str, str]

    def annotations(self, namespace: str, network: Network, policy: Manifest) -> Mapping[str, str]:
        """The annotations of one namespace.

        Args:
            namespace: its full name.
            network: its floor, as the Tenant says it.
            policy: the NetworkPolicy that makes the floor.
        """
        spec = policy["spec"]
        return {
            **self.rules,
            f"{POLICY_PREFIX}ingress-peers": _floor(
                namespace, network, spec.get("ingress", ()), "from"
            ),
            f"{POLICY_PREFIX}egress-peers": _floor(
                namespace, network, spec.get("egress", ()), "to"
            ),
        }

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of every namespace."""
        return {MODE_LABEL: self.mode}


def admission(tenant: Tenant, namespaces: Iterable[str]) -> Admission:
    """What a Tenant says of admission.

    Args:
        tenant: as the API server has it.
        namespaces: full names of all its namespaces.
    """
    spec = tenant.spec
    lists = {name: entries_of(spec.allowed, name) for name in _STANDARD}
    lists["subjects"] = _subjects(tenant, namespaces)
    lists["exemptions"] = sorted({_written(one) for one in spec.policy.exemptions})
    rules = {
        f"{POLICY_PREFIX}{name.replace('_', '-')}": "\n".join(entries)
        for name, entries in lists.items()
    }
    return Admission(spec.policy.mode.lower(), dict(sorted(rules.items())))


def entries_of(allowed: Allowed, name: str) -> Sequence[str]:
    """What a list of ``spec.allowed`` allows, or its standard where it is left out."""
    given: Sequence[str] | None = getattr(allowed, name)
    if given is not None:
        return sorted(given)
    return _OF_APPLICATIONS[name] if name in _OF_APPLICATIONS else _STANDARD[name]


def _subjects(tenant: Tenant, namespaces: Iterable[str]) -> list[str]:
    """Everybody whom a RoleBinding in the tenant's namespaces may name.

    The tenant's own also where anybody may be: they are who is held back while it is suspended.
    """
    spec = tenant.spec
    own = [*spec.owners, *spec.editors, *spec.viewers]
    own += [subject for binding in spec.role_bindings for subject in binding.subjects]
    named = {_written(one) for one in own} | {f"ServiceAccount:{name}/*" for name in namespaces}
    return sorted(named | set(spec.allowed.subjects or ()))


def _written(subject: Subject) -> str:
    within = f"{subject.namespace}/" if subject.kind == "ServiceAccount" else ""
    return f"{subject.kind}:{within}{subject.name}"


def _floor(namespace: str, network: Network, rules: Sequence[Manifest], direction: str) -> str:
    if network.tenant_policies == "Any":
        return "*"
    if network.tenant_policies == "None":
        return _NONE
    lines = dict.fromkeys(
        line
        for rule in rules
        for peer in rule[direction]
        for line in _lines(namespace, peer, _ports(rule.get("ports", ())))
    )
    return "\n".join(lines)


def _lines(namespace: str, peer: Manifest, ports: str) -> Iterator[str]:
    """A peer of the floor, a line for each namespace that it names.

    One that selects by labels of namespaces or by expressions on pods is in no line: that a
    tenant's selector lies within it cannot be told by looking, and what it opens is open already.
    """
    if block := peer.get("ipBlock"):
        excepted = f" except={','.join(block['except'])}" if block.get("except") else ""
        yield f"cidr={block['cidr']}{excepted}{ports}"
        return
    pods = peer.get("podSelector", {})
    if "matchExpressions" in pods:
        return
    labels = ",".join(f"{key}={value}" for key, value in pods.get("matchLabels", {}).items())
    for name in _named(peer.get("namespaceSelector"), namespace):
        yield f"namespace={name}{ports}{f' pods={labels}' if labels else ''}"


def _named(selector: Manifest | None, namespace: str) -> Iterable[str]:
    """The namespaces that a peer names; its own when it selects none."""
    if selector is None:
        return [namespace]
    labels = selector.get("matchLabels", {})
    expressions = selector.get("matchExpressions", [])
    if [*labels] == [NAMESPACE_NAME_LABEL] and not expressions:
        return [labels[NAMESPACE_NAME_LABEL]]
    is_by_name = not labels and [(one["key"], one["operator"]) for one in expressions] == [
        (NAMESPACE_NAME_LABEL, "In")
    ]
    return expressions[0]["values"] if is_by_name else []


def _ports(ports: Sequence[Manifest]) -> str:
    written = [
        f"{port['protocol']}/{port['port']}" + (f"-{port['endPort']}" if "endPort" in port else "")
        for port in ports
    ]
    return f" ports={','.join(written)}" if written else ""
