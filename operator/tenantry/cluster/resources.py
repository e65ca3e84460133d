"""The kinds that the operator reads and writes, and where the API server keeps them."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from tenantry.api.names import API_VERSION, MANAGED_BY, MANAGED_BY_LABEL, TENANT_LABEL


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of the API.

    Attributes:
        api_version: ``v1`` or ``group/version``.
        selector: the label selector that its lists and watches are narrowed with, on the server.
        fields: the field selector of its lists and watches, likewise.
        is_optional: whether a cluster may do without the kind.
    """

    api_version: str
    kind: str
    plural: str
    is_namespaced: bool = True
    selector: str = ""
    is_optional: bool = False
    fields: str = ""

    @property
    def group(self) -> str:
        """API group, empty for core."""
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        """Version within the group."""
        return self.api_version.rpartition("/")[2]

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """The path of an object, or of the collection, below the server's URL."""
        root = f"/apis/{self.api_version}" if self.group else f"/api/{self.api_version}"
        within = f"/namespaces/{namespace}" if namespace and self.is_namespaced else ""
        below = f"/{quote(name, safe=':')}" if name else ""
        return f"{root}{within}/{self.plural}{below}"


_OURS = f"{TENANT_LABEL},{MANAGED_BY_LABEL}={MANAGED_BY}"
_RBAC = "rbac.authorization.k8s.io/v1"

TENANTS: Final = Resource(API_VERSION, "Tenant", "tenants", is_namespaced=False)
NAMESPACES: Final = Resource(
    "v1", "Namespace", "namespaces", is_namespaced=False, selector=TENANT_LABEL
)
RESOURCE_QUOTAS: Final = Resource("v1", "ResourceQuota", "resourcequotas", selector=_OURS)
LIMIT_RANGES: Final = Resource("v1", "LimitRange", "limitranges", selector=_OURS)
NETWORK_POLICIES: Final = Resource(
    "networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", selector=_OURS
)
SERVICE_ACCOUNTS: Final = Resource("v1", "ServiceAccount", "serviceaccounts", selector=_OURS)
ROLE_BINDINGS: Final = Resource(_RBAC, "RoleBinding", "rolebindings", selector=_OURS)
CLUSTER_ROLES: Final = Resource(
    _RBAC, "ClusterRole", "clusterroles", is_namespaced=False, selector=_OURS
)
CLUSTER_ROLE_BINDINGS: Final = Resource(
    _RBAC, "ClusterRoleBinding", "clusterrolebindings", is_namespaced=False, selector=_OURS
)
CLUSTER_NETWORK_POLICIES: Final = Resource(
    "policy.networking.k8s.io/v1beta1",
    "ClusterNetworkPolicy",
    "clusternetworkpolicies",
    is_namespaced=False,
    selector=_OURS,
    is_optional=True,
)
ADMIN_NETWORK_POLICIES: Final = Resource(
    "policy.networking.k8s.io/v1alpha1",
    "AdminNetworkPolicy",
    "adminnetworkpolicies",
    is_namespaced=False,
    selector=_OURS,
    is_optional=True,
)
EVENTS: Final = Resource("v1", "Event", "events")
FAILED_CREATIONS: Final = Resource(
    "v1", "Event", "events", fields="reason=FailedCreate,type=Warning"
)
"""Events of controllers that could not make a pod."""
CRDS: Final = Resource(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    is_namespaced=False,
)

OWNED: Final = (
    NAMESPACES,
    RESOURCE_QUOTAS,
    LIMIT_RANGES,
    NETWORK_POLICIES,
    SERVICE_ACCOUNTS,
    ROLE_BINDINGS,
    CLUSTER_ROLES,
    CLUSTER_ROLE_BINDINGS,
)
"""What a Tenant is made into; each is watched for drift."""

OPTIONAL: Final = (CLUSTER_NETWORK_POLICIES, ADMIN_NETWORK_POLICIES)
"""What a Tenant is made into as well, in clusters that have the kind."""

WATCHED: Final = (TENANTS, *OWNED, *OPTIONAL)
BY_KIND: Final = {resource.kind: resource for resource in (*WATCHED, EVENTS, CRDS)}
