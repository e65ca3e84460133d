"""Pure: what a Tenant's rules say to an Application, before any of it is made.

Admission policies ask the same of pods, when they are made, and of Applications as far as their
manifest tells; but they do not ask the operator, who writes an Application's Services and
Ingresses, nor again when a Tenant becomes stricter. So what is asked here is a guard, and not only
a courtesy: of an Application that breaks a rule nothing is written while the rules are enforced.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pydantic.alias_generators import to_camel

from tenantry.allowances import (
    is_from,
    is_host_allowed,
    is_listed,
    is_tag_allowed,
    names_registry,
    standard,
)
from tenantry.api.application import Application
from tenantry.api.components import Component, ComponentDefaults
from tenantry.api.containers import SecurityContext
from tenantry.api.namespaces import UNLISTED, NamespaceSpec, PodSecurityLevel
from tenantry.api.platform import USUAL, Platform
from tenantry.api.pod_security import ADDABLE
from tenantry.api.quantities import amount, canonical, format_amount
from tenantry.api.quota import Quota
from tenantry.api.tenant import Tenant
from tenantry.desired.applications.defaults import SERVERS, ports_of
from tenantry.desired.applications.demand import asked_of, demand
from tenantry.desired.applications.facts import ApplicationFacts
from tenantry.desired.applications.images import pull_policy
from tenantry.desired.applications.parts import parts
from tenantry.desired.applications.traffic import Provider, provider
from tenantry.desired.quotas import Amounts

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
        component: whose manifest breaks it; empty where all do together.
        message: with what, for a person.
    """

    rule: str
    component: str
    message: str

    def __str__(self) -> str:
        whose = f"component {self.component}: " if self.component else ""
        return f"{whose}{self.message} ({self.rule} of the Tenant)"


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
        for ask in (_kinds, _images, _classes, _placement, _hosts)
        for violation in ask(component, defaults, tenant)
    ]
    for component in application.spec.components:
        found += _edge_classes(component, tenant, frozenset(served), platform)
    return [*found, *_pod_security(application, tenant), *_quota(application, tenant)]


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
    allowed = tenant.spec.allowed
    entries, tags = standard(allowed, "registries"), standard(allowed, "image_tags")
    policies = standard(allowed, "image_pull_policies")
    given = component.image_pull_policy or defaults.image_pull_policy
    pulled = set[str]()
    for version in component.all_versions:
        image = full_image(version.image, defaults)
        pulled.add(pull_policy(image, given))
        if not is_from(image, entries):
            yield _not_allowed("registries", component, f"image {image}", entries)
        if not is_tag_allowed(image, tags):
            what = f"the tag of image {image}"
            yield _not_allowed("imageTags", component, what, [*tags, "every digest"])
    for policy in sorted(pulled) if "*" not in policies else ():
        if policy not in policies:
            yield _not_allowed(
                "imagePullPolicies", component, f"imagePullPolicy {policy}", policies
            )


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
        ("storage_classes", "StorageClass", claim.storage_class_name or "")
        for claim in component.volume_claim_templates
    ]
    for field, kind, name in named:
        entries = standard(tenant.spec.allowed, field)
        if not is_listed(name, entries):
            yield _not_allowed(to_camel(field), component, f"{kind} {name}", entries)
    types = standard(tenant.spec.allowed, "service_types")
    has_service = component.kind == "StatefulSet" or (
        component.kind in SERVERS and ports_of(component, defaults)
    )
    if has_service and "*" not in types and "ClusterIP" not in types:
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
    for key, value in (component.node_selector or defaults.node_selector).items():
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


def _pod_security(application: Application, tenant: Tenant) -> Iterator[Violation]:
    """What Pod Security would refuse at the level of the Application's namespace."""
    space = _space(application, tenant)
    level, rule = tenant.spec.pod_security.level, "spec.podSecurity.level"
    if space.pod_security:
        level, rule = space.pod_security, f"spec.namespaces[{space.name}].podSecurity"
    for component in application.spec.components:
        context = component.security_context or application.spec.defaults.security_context
        for field in _loosened(context, level) if context else ():
            message = f"securityContext.{field} is more than Pod Security level {level} admits"
            yield Violation(rule, component.name, message)


def _loosened(context: SecurityContext, level: PodSecurityLevel) -> Iterator[str]:
    if level == "privileged":
        return
    if level == "restricted":
        asked = {
            "runAsNonRoot: false": context.run_as_non_root is False,
            "runAsUser: 0": context.run_as_user == 0,
            "allowPrivilegeEscalation: true": context.allow_privilege_escalation is True,
        }
        yield from (field for field, is_asked in asked.items() if is_asked)
    added = sorted({*(context.capabilities.add if context.capabilities else ())} - ADDABLE[level])
    if added:
        yield f"capabilities.add: {', '.join(added)}"


def _quota(application: Application, tenant: Tenant) -> Iterator[Violation]:
    """What could not run even if the namespace, and the tenant, had nothing else."""
    quota, space = tenant.spec.quota, _space(application, tenant)
    everything = parts(application, ApplicationFacts(application.namespace, {}, frozenset()))
    most, demanded = Amounts(quota).of(space), demand(everything)
    for key, value in most.items():
        if asked_of(key, demanded) > amount(value):
            yield _too_much(key, asked_of(key, demanded), value, _said_in(key, value, quota, space))
    for scope in quota.scopes:
        within = [
            one for one in everything if one.component.priority_class_name in scope.priority_classes
        ]
        demanded = demand(within)
        for key, given in scope.hard.items():
            if asked_of(key, demanded) > amount(given):
                rule = f"spec.quota.scopes[{scope.name}].hard[{key}]"
                yield _too_much(key, asked_of(key, demanded), canonical(given), rule)


def _too_much(key: str, asked: Decimal, most: str, rule: str) -> Violation:
    text = format_amount(key, asked)
    return Violation(rule, "", f"all components ask for {text} of {key}, and may have {most}")


def _said_in(key: str, value: str, quota: Quota, space: NamespaceSpec) -> str:
    """The field that bounds a namespace's amount; what is a standard is changed for all of them."""
    if key in quota.hard and canonical(quota.hard[key]) == value:
        return f"spec.quota.hard[{key}]"
    if key in space.quota.hard:
        return f"spec.namespaces[{space.name}].quota.hard[{key}]"
    return f"spec.quota.perNamespace[{key}]"


def _space(application: Application, tenant: Tenant) -> NamespaceSpec:
    named = {tenant.prefix + one.name: one for one in tenant.spec.namespaces}
    return named.get(application.namespace, UNLISTED)


def _not_allowed(rule: str, component: Component, what: str, entries: list[str]) -> Violation:
    allowed = ", ".join(entries) or "none"
    return Violation(
        f"spec.allowed.{rule}", component.name, f"{what} is not among those allowed: {allowed}"
    )
