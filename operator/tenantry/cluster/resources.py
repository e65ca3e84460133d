"""The kinds that the operator reads and writes, and where the API server keeps them."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from tenantry.api.names import (
    API_VERSION,
    APPLICATION_LABEL,
    MANAGED_BY,
    MANAGED_BY_LABEL,
    TENANT_LABEL,
)
from tenantry.observed import ISTIO_GATEWAY


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of the API.

    Attributes:
        api_version: ``v1`` or ``group/version``.
        selector: the label selector that its lists and watches are narrowed with, on the server.
        fields: the field selector of its lists and watches, likewise.
        is_optional: whether a cluster may do without the kind.
        alias: what the kind goes by where groups would be mixed up.
    """

    api_version: str
    kind: str
    plural: str
    is_namespaced: bool = True
    selector: str = ""
    is_optional: bool = False
    fields: str = ""
    alias: str = ""

    @property
    def known_as(self) -> str:
        """The first part of its objects' keys in the cache."""
        return self.alias or self.kind

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
_MADE = f"{MANAGED_BY_LABEL}={MANAGED_BY}"
"""Of kinds that Tenants and Applications are both made into: one watch serves both."""
_APPLICATIONS = f"{_MADE},{APPLICATION_LABEL}"
_RBAC = "rbac.authorization.k8s.io/v1"

TENANTS: Final = Resource(API_VERSION, "Tenant", "tenants", is_namespaced=False)
NAMESPACES: Final = Resource(
    "v1", "Namespace", "namespaces", is_namespaced=False, selector=TENANT_LABEL
)
RESOURCE_QUOTAS: Final = Resource("v1", "ResourceQuota", "resourcequotas", selector=_OURS)
LIMIT_RANGES: Final = Resource("v1", "LimitRange", "limitranges", selector=_OURS)
NETWORK_POLICIES: Final = Resource(
    "networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", selector=_MADE
)
SERVICE_ACCOUNTS: Final = Resource("v1", "ServiceAccount", "serviceaccounts", selector=_MADE)
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
LEASES: Final = Resource("coordination.k8s.io/v1", "Lease", "leases")
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

APPLICATIONS: Final = Resource(API_VERSION, "Application", "applications", is_optional=True)
"""Optional, so that a cluster whose CRDs are of an older release goes on serving its Tenants."""
RATE_CARDS: Final = Resource(
    API_VERSION, "RateCard", "ratecards", is_namespaced=False, is_optional=True
)
"""Of no Tenant, and so not in the cache; optional, like Applications."""
TOKEN_REVIEWS: Final = Resource(
    "authentication.k8s.io/v1", "TokenReview", "tokenreviews", is_namespaced=False
)
SUBJECT_ACCESS_REVIEWS: Final = Resource(
    "authorization.k8s.io/v1", "SubjectAccessReview", "subjectaccessreviews", is_namespaced=False
)
PODS: Final = Resource("v1", "Pod", "pods", selector=APPLICATION_LABEL)
"""Pods of Applications: read for why they do not run, and for nothing else."""


def _made_into(api_version: str, *kinds: tuple[str, str], optional: bool) -> list[Resource]:
    return [
        Resource(api_version, kind, plural, selector=_APPLICATIONS, is_optional=optional)
        for kind, plural in kinds
    ]


OWNED_BY_APPLICATIONS: Final = (
    *_made_into("v1", ("Service", "services"), ("ConfigMap", "configmaps"), optional=False),
    *_made_into(
        "apps/v1",
        ("Deployment", "deployments"),
        ("StatefulSet", "statefulsets"),
        ("DaemonSet", "daemonsets"),
        optional=False,
    ),
    *_made_into("batch/v1", ("Job", "jobs"), ("CronJob", "cronjobs"), optional=False),
    *_made_into(
        "autoscaling/v2", ("HorizontalPodAutoscaler", "horizontalpodautoscalers"), optional=False
    ),
    *_made_into("policy/v1", ("PodDisruptionBudget", "poddisruptionbudgets"), optional=False),
    *_made_into("networking.k8s.io/v1", ("Ingress", "ingresses"), optional=False),
)
"""What an Application is made into, beside NetworkPolicies and ServiceAccounts."""

OPTIONAL_OF_APPLICATIONS: Final = (
    *_made_into(
        "gateway.networking.k8s.io/v1",
        ("HTTPRoute", "httproutes"),
        ("GRPCRoute", "grpcroutes"),
        ("Gateway", "gateways"),
        optional=True,
    ),
    *_made_into(
        "networking.istio.io/v1",
        ("VirtualService", "virtualservices"),
        ("DestinationRule", "destinationrules"),
        ("ServiceEntry", "serviceentries"),
        ("Sidecar", "sidecars"),
        optional=True,
    ),
    Resource(
        "networking.istio.io/v1",
        "Gateway",
        "gateways",
        selector=_APPLICATIONS,
        is_optional=True,
        alias=ISTIO_GATEWAY,
    ),
    *_made_into(
        "security.istio.io/v1",
        ("AuthorizationPolicy", "authorizationpolicies"),
        ("PeerAuthentication", "peerauthentications"),
        optional=True,
    ),
    *_made_into("telemetry.istio.io/v1", ("Telemetry", "telemetries"), optional=True),
    *_made_into(
        "monitoring.coreos.com/v1",
        ("ServiceMonitor", "servicemonitors"),
        ("PodMonitor", "podmonitors"),
        optional=True,
    ),
    *_made_into(
        "autoscaling.k8s.io/v1", ("VerticalPodAutoscaler", "verticalpodautoscalers"), optional=True
    ),
)
"""What an Application is made into as well, in clusters that have the kind."""

FOLLOWED: Final = (*OWNED, *OPTIONAL, *OWNED_BY_APPLICATIONS, *OPTIONAL_OF_APPLICATIONS, PODS)
"""All kinds that have a watch of their own."""
WATCHED: Final = (TENANTS, APPLICATIONS, *FOLLOWED)
BY_KIND: Final = {resource.known_as: resource for resource in (*WATCHED, EVENTS, CRDS, RATE_CARDS)}
TENANTS_KINDS: Final = frozenset(one.kind for one in (*OWNED, *OPTIONAL))
"""Kinds whose objects are a Tenant's if they carry its label; of others, the label says no more
than whom they are charged to."""
