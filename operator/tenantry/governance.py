"""Pure: what a Tenant's rules say to an Application, before any of it is made.

Admission policies ask the same of pods, when they are made; but they do not ask the operator, who
writes an Application's Services and Ingresses. So what is asked here is a guard, and not only a
courtesy: of an Application that breaks a rule nothing is written while the rules are enforced.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pydantic.alias_generators import to_camel

from tenantry.allowances import is_from, is_host_allowed, is_listed, names_registry, standard
from tenantry.api.application import Application
from tenantry.api.components import Component, ComponentDefaults, Version
from tenantry.api.platform import USUAL, Platform
from tenantry.api.quantities import amount, canonical
from tenantry.api.tenant import Tenant
from tenantry.desired.applications.traffic import Provider, provider

_BASELINE_CAPABILITIES: Final = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
"""https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline."""

_EDGE_CLASSES: Final[dict[Provider, tuple[str, str]]] = {
    "GatewayAPI": ("gateway_classes", "GatewayClass"),
    "Ingress": ("ingress_classes", "IngressClass"),
}
"""The rule and the kind of class of what is made for a host; Istio's gateways have none."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that an Application breaks.

    Attributes:
        rule: the field of the Tenant: ``spec.allowed.registries``.
        component: whose manifest breaks it.
        message: with what, for a person.
    """

    rule: str
    component: str
    message: str

    def __str__(self) -> str:
        return f"component {self.component}: {self.message} ({self.rule} of the Tenant)"


def violations(
    application: Application,
    tenant: Tenant,
    served: Collection[str] = (),
    platform: Platform = USUAL,
) -> list[Violation]:
    """What the Tenant's rules do not allow, in the order of the manifest.

    Args:
        application: as the API server has it.
        tenant: whose it is.
        served: optional kinds that the API server has: they decide what is made for a host.
        platform: and so does the class of Gateways that name none.
    """
    defaults = application.spec.defaults
    found = [
        violation
        for component in application.spec.components
        for ask in (_kinds, _images, _classes, _placement, _hosts, _pod_security)
        for violation in ask(component, defaults, tenant)
    ]
    for component in application.spec.components:
        found += _edge_classes(component, tenant, frozenset(served), platform)
    return [*found, *_quota(application, tenant)]


def _kinds(
    component: Component, defaults: ComponentDefaults, tenant: Tenant
) -> Iterator[Violation]:
    del defaults
    entries = standard(tenant.spec.allowed, "workload_kinds")
    if "*" not in entries and component.kind not in entries:
        yield _not_allowed("workloadKinds", component, f"a {component.kind}", entries)


def _images(
    component: Component, defaults: ComponentDefaults, tenant: Tenant
) -> Iterator[Violation]:
    entries = standard(tenant.spec.allowed, "registries")
    for version in component.all_versions:
        image = full_image(version.image, defaults)
        if not is_from(image, entries):
            yield _not_allowed("registries", component, f"image {image}", entries)
    policies = standard(tenant.spec.allowed, "image_pull_policies")
    given = component.image_pull_policy or defaults.image_pull_policy
    if given and "*" not in policies and given not in policies:
        yield _not_allowed("imagePullPolicies", component, f"imagePullPolicy {given}", policies)


def full_image(image: str, defaults: ComponentDefaults) -> str:
    """An image with the registry that ``spec.defaults`` has for those that name none."""
    if defaults.image_registry is None or names_registry(image):
        return image
    return f"{defaults.image_registry}/{image}"


def _classes(
    component: Component, defaults: ComponentDefaults, tenant: Tenant
) -> Iterator[Violation]:
    priority = component.priority_class_name or defaults.priority_class_name
    named = [("priority_classes", "PriorityClass", priority)] if priority else []
    named += [
        ("storage_classes", "StorageClass", claim.storage_class_name)
        for claim in component.volume_claim_templates
        if claim.storage_class_name
    ]
    for field, kind, name in named:
        entries = standard(tenant.spec.allowed, field)
        if not is_listed(name, entries):
            yield _not_allowed(to_camel(field), component, f"{kind} {name}", entries)
    types = standard(tenant.spec.allowed, "service_types")
    has_ports = component.port is not None or component.ports
    if has_ports and "*" not in types and "ClusterIP" not in types:
        yield _not_allowed("serviceTypes", component, "a Service of type ClusterIP", types)


def _edge_classes(
    component: Component, tenant: Tenant, served: frozenset[str], platform: Platform
) -> Iterator[Violation]:
    """Of the class of what is made for a host; nameless where the cluster's default is meant."""
    for one in component.expose:
        chosen = provider(one, served, platform.gateway_class)
        is_attached = chosen == "GatewayAPI" and one.gateway is not None
        if chosen not in _EDGE_CLASSES or is_attached:
            continue
        field, kind = _EDGE_CLASSES[chosen]
        name = one.class_name or (platform.gateway_class if chosen == "GatewayAPI" else "")
        entries = standard(tenant.spec.allowed, field)
        if not is_listed(name, entries):
            what = f"{kind} {name}" if name else f"the default {kind}"
            yield _not_allowed(to_camel(field), component, what, entries)


def _placement(
    component: Component, defaults: ComponentDefaults, tenant: Tenant
) -> Iterator[Violation]:
    entries = standard(tenant.spec.allowed, "node_selectors")
    for key, value in {**defaults.node_selector, **component.node_selector}.items():
        if not {"*", f"{key}={value}", f"{key}=*"} & {*entries}:
            yield _not_allowed("nodeSelectors", component, f"nodeSelector {key}={value}", entries)
    entries = standard(tenant.spec.allowed, "tolerations")
    for one in component.tolerations or defaults.tolerations:
        if not (one.key.startswith("node.kubernetes.io/") or is_listed(one.key, entries)):
            yield _not_allowed("tolerations", component, f"a toleration of {one.key}", entries)


def _hosts(component: Component, _: ComponentDefaults, tenant: Tenant) -> Iterator[Violation]:
    entries = standard(tenant.spec.allowed, "hosts")
    for one in component.expose:
        if not is_host_allowed(one.host, entries):
            yield _not_allowed("hosts", component, f"host {one.host}", entries)


def _pod_security(
    component: Component, defaults: ComponentDefaults, tenant: Tenant
) -> Iterator[Violation]:
    level = tenant.spec.pod_security.level
    context = component.security_context or defaults.security_context
    if context is None or level == "privileged":
        return
    asked = {}
    if level == "restricted":
        asked = {
            "runAsNonRoot: false": context.run_as_non_root is False,
            "runAsUser: 0": context.run_as_user == 0,
            "allowPrivilegeEscalation: true": context.allow_privilege_escalation is True,
        }
    admitted = {"NET_BIND_SERVICE"} if level == "restricted" else _BASELINE_CAPABILITIES
    added = sorted({*(context.capabilities.add if context.capabilities else ())} - admitted)
    if added:
        asked[f"capabilities.add: {', '.join(added)}"] = True
    for field, is_asked in asked.items():
        if is_asked:
            message = f"securityContext.{field} is more than Pod Security level {level} admits"
            yield Violation("spec.podSecurity.level", component.name, message)


def _quota(application: Application, tenant: Tenant) -> Iterator[Violation]:
    """What could not run even if the tenant had nothing else."""
    asked = _asked(application)
    hard = {key: amount(value) for key, value in tenant.spec.quota.hard.items()}
    short = {"cpu": "requests.cpu", "memory": "requests.memory"}
    for key, most in hard.items():
        wanted = asked.get(short.get(key, key), Decimal(0))
        if wanted > most:
            message = f"{key} of all components is {_text(wanted)}, the tenant's is {_text(most)}"
            yield Violation(f"spec.quota.hard[{key}]", "(all)", message)


def _asked(application: Application) -> dict[str, Decimal]:
    """What all pods of an Application ask for, by key of a quota."""
    defaults, asked = application.spec.defaults, dict[str, Decimal]()
    for component in application.spec.components:
        for version in component.all_versions:
            pods = _pods(component, version, defaults)
            asked["pods"] = asked.get("pods", Decimal(0)) + pods
            resources = version.resources or component.resources or defaults.resources
            if resources is None:
                continue
            for name, value in resources.requests.items():
                key = f"requests.{name}"
                asked[key] = asked.get(key, Decimal(0)) + amount(value) * pods
            for name, value in resources.limits.items():
                key = f"limits.{name}"
                asked[key] = asked.get(key, Decimal(0)) + amount(value) * pods
    return asked


def _pods(component: Component, version: Version, defaults: ComponentDefaults) -> int:
    if component.kind in {"Job", "CronJob"}:
        return component.job.parallelism if component.job else 1
    if component.kind == "DaemonSet":
        return 1
    if scaling := component.autoscaling or defaults.autoscaling:
        return scaling.min_replicas
    given = (version.replicas, component.replicas, defaults.replicas)
    return next((number for number in given if number is not None), 1)


def _text(value: Decimal) -> str:
    return canonical(format(value.normalize(), "f"))


def _not_allowed(rule: str, component: Component, what: str, entries: list[str]) -> Violation:
    allowed = ", ".join(entries) or "none"
    return Violation(
        f"spec.allowed.{rule}", component.name, f"{what} is not among those allowed: {allowed}"
    )
