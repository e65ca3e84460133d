"""Host names and classes of what lets traffic in: Ingresses, and Gateway API's routes and gateways.

A host that is left out is every host. Some controllers take further hosts from annotations, which
count as well: aliases of ingress-nginx, which may be patterns and then are none of a tenant's, and
names that ExternalDNS is to publish, on Services and routes over TCP and UDP too, which have no
other hosts. Other annotations of ingress controllers, such as snippets of
their configuration, are not looked at: switch those off in the controller.
https://kubernetes.io/docs/concepts/services-networking/ingress/ and
https://gateway-api.sigs.k8s.io/reference/spec/.
"""

from typing import Final

from tenantry.policies.fragments import listed, literal, rule
from tenantry.policies.gateways import GATEWAY_GROUPS, GATEWAY_KINDS, LISTENING, NAMING_NO_HOSTS
from tenantry.policies.host_names import ANY, HOST, is_host_listed
from tenantry.policies.policy import Policy, Resources
from tenantry.policies.refusals import ASKING, refusal

_INGRESS: Final = "request.resource.resource == 'ingresses'"
_GATEWAY: Final = "request.resource.resource == 'gateways'"
_NAMES_NONE: Final = f"request.resource.resource in {literal(('services', *NAMING_NO_HOSTS))}"
"""Services, and routes over TCP and UDP, say hosts in annotations only."""
_HAS_LISTENERS: Final = f"request.resource.resource in {literal(LISTENING)}"
_CLASS_ANNOTATION: Final = "kubernetes.io/ingress.class"
_HOST_ANNOTATIONS: Final = (
    "external-dns.alpha.kubernetes.io/hostname",
    "external-dns.alpha.kubernetes.io/internal-hostname",
    "nginx.ingress.kubernetes.io/server-alias",
)
"""Lists of hosts, separated by commas."""

_OF_INGRESS: Final = (
    "object.spec.?rules.orValue([]).map(r, r.?host.orValue('')) + "
    "(has(object.spec.defaultBackend) ? [''] : []) + "
    # Hosts have no newlines, and lists of lists cannot be flattened before Kubernetes 1.34.
    "object.spec.?tls.orValue([]).map(t, t.?hosts.orValue([]).join('\\n')).join('\\n')"
    ".split('\\n').filter(h, h != '' || object.spec.?tls.orValue([])"
    ".exists(t, t.?hosts.orValue([]).size() == 0))"
)
_OF_LISTENERS: Final = (
    "object.spec.?listeners.orValue([])"
    ".filter(l, has(l.hostname) || !(l.?protocol.orValue('') in ['TCP', 'UDP']))"
    ".map(l, l.?hostname.orValue(''))"
)
_OF_ROUTE: Final = "(object.spec.?hostnames.orValue([]) == [] ? [''] : object.spec.hostnames)"
_OF_ANNOTATIONS: Final = " + ".join(
    f"(object.metadata.?annotations[?'{key}'].orValue('') == '' ? [] : "
    f"object.metadata.annotations['{key}'].split(',').map(h, h.trim()))"
    for key in _HOST_ANNOTATIONS
)
_SAID_IN_ANNOTATIONS: Final = " || ".join(
    f"object.metadata.?annotations[?'{key}'].hasValue()" for key in _HOST_ANNOTATIONS
)

_CLASSES: Final = (
    f"object.metadata.?annotations[?'{_CLASS_ANNOTATION}'].hasValue() ? "
    f"[object.metadata.annotations['{_CLASS_ANNOTATION}']] + "
    "(has(object.spec.ingressClassName) ? [object.spec.ingressClassName] : []) : "
    "[object.spec.?ingressClassName.orValue('')]"
)


def _of_gateway_api(*resources: str) -> Resources:
    return Resources(
        groups=GATEWAY_GROUPS,
        versions=("*",),
        resources=resources,
        operations=("CREATE", "UPDATE"),
    )


HOSTS: Final = Policy(
    name="hosts",
    purpose="Ingresses, routes and gateways have the host names and the classes that the tenant "
    "may use.",
    resources=(
        Resources(
            groups=("networking.k8s.io",),
            versions=("v1",),
            resources=("ingresses",),
            operations=("CREATE", "UPDATE"),
        ),
        Resources(
            groups=("",), versions=("v1",), resources=("services",), operations=("CREATE", "UPDATE")
        ),
        _of_gateway_api(*GATEWAY_KINDS),
    ),
    match_conditions=(
        ("says-hosts", f"!({_NAMES_NONE}) || {_SAID_IN_ANNOTATIONS}"),
        (
            "is-new",
            (
                "oldObject == null || object.spec != oldObject.spec || "
                "object.metadata.?annotations.orValue({}) != "
                "oldObject.metadata.?annotations.orValue({})"
            ),
        ),
    ),
    variables=(
        *ASKING,
        ("hosts", rule("hosts")),
        (
            "asked",
            (
                f"({_INGRESS} ? {_OF_INGRESS} : {_NAMES_NONE} ? [] : "
                f"{_HAS_LISTENERS} ? {_OF_LISTENERS} : {_OF_ROUTE}) + {_OF_ANNOTATIONS}"
            ),
        ),
        (
            "refused",
            (
                "'*' in variables.hosts ? [] : variables.asked"
                f".filter(h, !h.matches('{HOST}') || !{is_host_listed('h', 'variables.hosts')})"
                f".map(h, h == '' ? '{ANY} (every host, where none is named)' : h)"
            ),
        ),
        ("ingressClasses", rule("ingress-classes")),
        (
            "ingressClass",
            (
                f"!({_INGRESS}) || '*' in variables.ingressClasses ? [] : ({_CLASSES})"
                f".filter(c, c == '' || !{listed('c', 'variables.ingressClasses')})"
                ".map(c, c == '' ? '(none)' : c)"
            ),
        ),
        ("gatewayClasses", rule("gateway-classes")),
        (
            "gatewayClass",
            (
                f"!({_GATEWAY}) || '*' in variables.gatewayClasses ? [] : "
                "[object.spec.?gatewayClassName.orValue('')]"
                f".filter(c, c == '' || !{listed('c', 'variables.gatewayClasses')})"
                ".map(c, c == '' ? '(none)' : c)"
            ),
        ),
    ),
    validations=(
        refusal("hosts", "refused", "host "),
        refusal("ingress-classes", "ingressClass", "ingressClassName "),
        refusal("gateway-classes", "gatewayClass", "gatewayClassName "),
    ),
    has_modes=True,
)
