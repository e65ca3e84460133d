"""Bookinfo as an Application, and what is around it; parts of it are replaced where tests differ.

https://istio.io/latest/docs/examples/bookinfo/; productpage calls ratings directly as well, for
``/api/v1/products/<id>/ratings``, and version v1 of reviews calls nobody.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tenantry.api.application import Application
from tenantry.api.network import Network
from tenantry.api.platform import Platform
from tenantry.desired.applications.facts import ApplicationFacts
from tenantry.desired.applications.surroundings import Surroundings

Json = dict[str, Any]

MESH = (
    "VirtualService",
    "DestinationRule",
    "ServiceEntry",
    "Sidecar",
    "AuthorizationPolicy",
    "PeerAuthentication",
)
GATEWAY_API = ("HTTPRoute", "GRPCRoute")
PLATFORM: Json = {
    "ingressControllers": [{"namespace": "ingress-nginx", "podLabels": {"app": "nginx"}}],
    "monitoring": [{"namespace": "monitoring"}],
}


def component(name: str, *versions: str, **rest: Any) -> Json:
    """A component with these versions."""
    images = [{"name": one, "image": f"example.com/{name}:{one}"} for one in versions or ("v1",)]
    return {"name": name, "versions": images, **rest}


def bookinfo_components() -> Json:
    """By name."""
    made = [
        component(
            "productpage",
            dependsOn=[
                {"component": "details"},
                {"component": "reviews"},
                {"component": "ratings"},
            ],
            metrics={"path": "/metrics"},
            expose=[{"host": "bookinfo.example.com", "paths": [{"prefix": "/"}]}],
        ),
        component("details"),
        component(
            "reviews",
            "v1",
            "v2",
            "v3",
            dependsOn=[{"component": "ratings", "versions": ["v2", "v3"]}],
        ),
        component("ratings"),
    ]
    return {one["name"]: one for one in made}


def application(
    components: Iterable[Json] | None = None,
    *,
    name: str = "bookinfo",
    namespace: str = "acme-prod",
    **spec: Any,
) -> Application:
    """An Application; Bookinfo unless other components are given."""
    given = [*bookinfo_components().values()] if components is None else [*components]
    return Application.parse(
        {
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"defaults": {"port": 9080}, "components": given, **spec},
        }
    )


def bookinfo(namespace: str = "acme-prod", **changes: Json) -> Application:
    """Bookinfo, with fields of components replaced: ``reviews={"traffic": {...}}``."""
    made = bookinfo_components()
    for name, fields in changes.items():
        made[name] = made[name] | fields
    return application(made.values(), namespace=namespace)


def surroundings(
    *neighbours: Application,
    namespace: str = "acme-prod",
    served: Iterable[str] = (),
    network: Mapping[str, Any] | None = None,
    of_tenant: tuple[str, ...] = (),
    **platform: Any,
) -> Surroundings:
    """What is around an Application in a namespace, on a platform with these names."""
    return Surroundings(
        facts=ApplicationFacts(namespace, {}, frozenset(served)),
        network=Network.model_validate(PLATFORM if network is None else network),
        of_tenant=of_tenant,
        neighbours={(one.namespace, one.name): one for one in neighbours},
        platform=Platform(**platform),
    )
