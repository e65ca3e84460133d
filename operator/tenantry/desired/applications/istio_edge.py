"""Requests from outside by Istio's API: a Gateway for each host, and a VirtualService behind it.

https://istio.io/latest/docs/reference/config/networking/gateway/.

A VirtualService of a gateway knows nothing of those within the mesh, so it says again how requests
are spread.
"""

from collections.abc import Iterator
from itertools import groupby

from tenantry.api.base import Manifest
from tenantry.desired.applications.exposures import Site, SitePath
from tenantry.desired.applications.istio import API, http_entries
from tenantry.desired.applications.labels import of_component
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.applications.unhonoured import Rendered, Unhonoured


def istio_edge(site: Site, surroundings: Surroundings) -> Rendered:
    """How a host is reached.

    Args:
        site: the host and what is behind it.
        surroundings: which pods are the gateway.
    """
    made = [_virtual_service(site)]
    said: list[Unhonoured] = []
    component = site.owner.part.name
    if site.gateway is None:
        made.insert(0, _gateway(site, surroundings))
    elif site.tls is not None:
        reason = "the gateway that exists says what is encrypted: leave tls out"
        said.append(Unhonoured(component, "expose.tls", reason))
    if site.class_name:
        reason = "Istio's gateways have no class: leave it out, or choose another type"
        said.append(Unhonoured(component, "expose.className", reason))
    return Rendered(tuple(made), tuple(said))


def _gateway(site: Site, surroundings: Surroundings) -> Manifest:
    # Only VirtualServices of this namespace may attach.
    hosts = [f"./{site.host}"]
    plain: Manifest = {
        "hosts": hosts,
        "port": {"name": "http", "number": 80, "protocol": "HTTP"},
    }
    servers = [plain]
    if site.tls is not None:
        if site.tls.https_redirect is not False:
            plain["tls"] = {"httpsRedirect": True}
        servers.append(
            {
                "hosts": hosts,
                "port": {"name": "https", "number": 443, "protocol": "HTTPS"},
                "tls": {"credentialName": site.tls.secret_name, "mode": "SIMPLE"},
            }
        )
    spec = {"selector": dict(surroundings.platform.ingress_gateway), "servers": servers}
    return of_component(API, "Gateway", site.owner.part, name=site.name) | {"spec": spec}


def _virtual_service(site: Site) -> Manifest:
    if site.gateway is None:
        gateway = site.name
    else:
        within = f"{site.gateway.namespace}/" if site.gateway.namespace else ""
        gateway = f"{within}{site.gateway.name}"
    entries = [
        entry
        for _, those in groupby(site.paths, lambda one: (one.route.part.name, one.port.name))
        for entry in _entries([*those])
    ]
    made = of_component(API, "VirtualService", site.owner.part, name=site.name)
    return made | {"spec": {"gateways": [gateway], "hosts": [site.host], "http": entries}}


def _entries(paths: list[SitePath]) -> Iterator[Manifest]:
    """Of paths that lead to one port."""
    where = [{"uri": uri} for one in paths for uri in _uris(one)]
    return http_entries(paths[0].route, paths[0].port, where)


def _uris(one: SitePath) -> Iterator[Manifest]:
    """Istio's prefixes are of characters; ours are of whole segments."""
    if one.kind == "exact":
        yield {"exact": one.path}
    elif one.path == "/":
        yield {"prefix": "/"}
    else:
        yield {"exact": one.path}
        yield {"prefix": f"{one.path}/"}
