"""The Namespace itself: its name, its labels, its annotations.

Labels are what other things decide by: Pod Security, cost reports, network policies, whoever
selects the tenant's namespaces. So what the operator says wins over what a manifest adds. There is
never an ownerReference: if the Tenant, or all Tenants with their CRD, went away, garbage
collection would take every namespace and all that runs in it along.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from tenantry.api import names
from tenantry.api.base import Manifest
from tenantry.api.namespaces import NamespaceSpec
from tenantry.api.tenant import Tenant
from tenantry.desired.objects import Refusal
from tenantry.desired.prefixes import Prefixes, holder

NODE_SELECTOR_ANNOTATION: Final = "scheduler.alpha.kubernetes.io/node-selector"
"""Read by the PodNodeSelector admission plugin:
https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podnodeselector."""

State = Literal["", "retained", "suspended", "parked", "over-budget"]
"""What a namespace is marked as; nothing when it is simply active."""

_LONGEST_NAME: Final = 63
_SYSTEM: Final = re.compile(r"^(kube|openshift)-|^(default|openshift)$")
"""Namespaces of the cluster itself: ``kube-`` is reserved by Kubernetes
(https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/), ``openshift-`` by
OpenShift; ``default`` cannot be deleted and belongs to everybody."""


def ownership_labels(tenant: Tenant, own: NamespaceSpec) -> dict[str, str]:
    """The labels of everything that the operator makes in a namespace: whose it is, who pays."""
    cost = tenant.spec.cost
    labels = {names.MANAGED_BY_LABEL: names.MANAGED_BY, names.TENANT_LABEL: tenant.name}
    optional = {
        names.COST_CENTER_LABEL: cost.cost_center,
        names.DEPARTMENT_LABEL: cost.department,
        names.ENVIRONMENT_LABEL: own.environment or cost.environment,
    }
    return labels | {label: value for label, value in optional.items() if value}


def namespace(
    name: str,
    tenant: Tenant,
    own: NamespaceSpec,
    labels: Mapping[str, str],
    *,
    state: State = "",
    policy: Mapping[str, str] = MappingProxyType({}),
) -> Manifest:
    """The Namespace.

    Args:
        name: its full name.
        tenant: whose it is.
        own: where it differs from the tenant's others.
        labels: the ownership labels, and those that policies select by.
        state: what it is marked as.
        policy: the annotations that admission policies read.
    """
    options = tenant.spec.namespace_options
    marks = {names.STATE_LABEL: state} if state else {}
    all_labels = (options.labels, own.labels, labels, _pod_security_labels(tenant, own), marks)
    metadata: Manifest = {"name": name, "labels": _laid_over(*all_labels)}
    annotations = (options.annotations, own.annotations, policy, _node_selector(tenant, own))
    if any(annotations):
        metadata["annotations"] = _laid_over(*annotations)
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def refusal(name: str) -> Refusal | None:
    """Why no tenant may have a namespace of this name, if so.

    The CRD's rules say the same at the door; a Tenant that was stored before a rule came, or a
    label put on a system namespace by hand, gets past it.
    """
    if _SYSTEM.search(name):
        return Refusal(
            "ReservedName",
            f"{name} belongs to the system: use another prefix or name for the tenant's "
            "namespace, or take the tenant's label off it",
        )
    if len(name) > _LONGEST_NAME:
        return Refusal(
            "NameTooLong",
            f"{name} has {len(name)} characters, and a namespace may have {_LONGEST_NAME}: "
            "choose a shorter name in spec.namespaces",
        )
    return None


def claim(name: str, tenant: Tenant, prefixes: Prefixes) -> Refusal | None:
    """Why this tenant may not have the name, if it is another's."""
    owner = holder(name, tenant.name, tenant.prefix, prefixes)
    if owner == tenant.name:
        return None
    return Refusal(
        "NameBelongsToAnotherTenant",
        f"{name} belongs to Tenant {owner}, whose prefix it begins with: choose another name in "
        "spec.namespaces",
    )


def _laid_over(*layers: Mapping[str, str]) -> dict[str, str]:
    """Later layers over earlier ones, in the order of keys."""
    merged: dict[str, str] = {}
    for layer in layers:
        merged.update(layer)
    return dict(sorted(merged.items()))


def _pod_security_labels(tenant: Tenant, own: NamespaceSpec) -> dict[str, str]:
    """What Pod Security admission reads, the same for what is refused, warned about and logged.

    See https://kubernetes.io/docs/concepts/security/pod-security-admission/.
    """
    level = own.pod_security or tenant.spec.pod_security.level
    version = tenant.spec.pod_security.version
    return {
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/enforce-version": version,
        "pod-security.kubernetes.io/warn": level,
        "pod-security.kubernetes.io/warn-version": version,
        "pod-security.kubernetes.io/audit": level,
        "pod-security.kubernetes.io/audit-version": version,
    }


def _node_selector(tenant: Tenant, own: NamespaceSpec) -> dict[str, str]:
    selector = tenant.spec.node_selector if own.node_selector is None else own.node_selector
    if not selector:
        return {}
    return {NODE_SELECTOR_ANNOTATION: ",".join(f"{k}={v}" for k, v in sorted(selector.items()))}
