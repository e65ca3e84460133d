"""Services: their types, and addresses and names beyond the cluster.

External IPs catch other people's traffic (CVE-2020-8554), external names lead to whatever the
platform's proxies can reach, and a load balancer without source ranges is open to the world. Not
looked at: ``loadBalancerIP``, ``loadBalancerClass`` and the annotations of cloud providers; how
many node ports and load balancers there are is up to the quota. Service endpoints written by hand
could lead into other tenants' pods (CVE-2021-25740): the roles that tenants hold may not write
Endpoints and EndpointSlices, in clusters made with Kubernetes 1.22 or later.
"""

from typing import Final

from tenantry.policies.fragments import rule
from tenantry.policies.host_names import is_host_listed
from tenantry.policies.policy import Policy, Resources
from tenantry.policies.refusals import ASKING, refusal

_LOAD_BALANCER: Final = "object.spec.?type.orValue('') == 'LoadBalancer'"
_EXTERNAL_NAME: Final = (
    "(object.spec.?type.orValue('') == 'ExternalName' ? "
    "[object.spec.?externalName.orValue('')] : [])"
)
_RANGES: Final = "object.spec.?loadBalancerSourceRanges.orValue([])"


def _lies_in(block: str, is_it: str, contains: str, entries: str) -> str:
    """CEL for whether an address or block, in its canonical notation, lies in one of a list."""
    return f"{is_it}({block}) && {entries}.exists(e, isCIDR(e) && cidr(e).{contains}({block}))"


SERVICES: Final = Policy(
    name="services",
    purpose="Services have the types, external IPs, external names and source ranges that the "
    "tenant may use.",
    resources=(
        Resources(
            groups=("",), versions=("v1",), resources=("services",), operations=("CREATE", "UPDATE")
        ),
    ),
    match_conditions=(("is-new", "oldObject == null || object.spec != oldObject.spec"),),
    variables=(
        *ASKING,
        ("types", rule("service-types")),
        (
            "typed",
            (
                "'*' in variables.types ? [] : "
                "[object.spec.?type.orValue('')].filter(t, t == '' || !(t in variables.types))"
            ),
        ),
        ("ips", rule("external-ips")),
        (
            "caught",
            (
                "'*' in variables.ips ? [] : object.spec.?externalIPs.orValue([]).filter(a, "
                f"!({_lies_in('a', 'isIP', 'containsIP', 'variables.ips')}))"
            ),
        ),
        ("names", rule("external-names")),
        (
            "named",
            (
                f"{_EXTERNAL_NAME}.map(n, n.lowerAscii()).map(n, "
                "n.endsWith('.') ? n.substring(0, n.size() - 1) : n)"
                f".filter(n, !{is_host_listed('n', 'variables.names')})"
            ),
        ),
        ("ranges", rule("load-balancer-source-ranges")),
        (
            "open",
            (
                f"!({_LOAD_BALANCER}) || '*' in variables.ranges ? [] : "
                f"{_RANGES} == [] ? ['(none), which is every address'] : {_RANGES}.filter(r, "
                f"!({_lies_in('r', 'isCIDR', 'containsCIDR', 'variables.ranges')}))"
            ),
        ),
    ),
    validations=(
        refusal("service-types", "typed", "type "),
        refusal("external-ips", "caught", "externalIPs "),
        refusal("external-names", "named", "externalName "),
        refusal("load-balancer-source-ranges", "open", "loadBalancerSourceRanges "),
    ),
    has_modes=True,
)
