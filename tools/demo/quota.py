"""A screen: how much each namespace may take, and why pods without requests start all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import yaml

from demo import tenants
from demo.failure import claim
from demo.kubectl import ROOT
from demo.tenants import HOME

if TYPE_CHECKING:
    from demo.kubectl import Kubectl, Manifest
    from demo.page import Page
    from demo.world import World

SHOWN: Final = ("pods", "requests.cpu", "requests.memory", "services.nodeports")


def show(page: Page, world: World) -> None:
    """Show used and hard of every namespace."""
    whole = world.tenants["acme"]["spec"]["quota"]["hard"]
    page.section(
        "Quota",
        f"acme may take {whole['pods']} pods and {whole['requests.cpu']} cores in all: an equal "
        "share for each of its namespaces, so the sum is never more. Used/hard:",
    )
    quotas = [one for name in tenants.NAMES for one in world.of("ResourceQuota", tenant=name)]
    page.table(
        ("namespace", *(f"!{key}" for key in SHOWN)),
        [
            (one["metadata"]["namespace"], *(_used_of_hard(one, key) for key in SHOWN))
            for one in quotas
        ],
    )
    [limit] = world.the("LimitRange", HOME)["spec"]["limits"]
    request = ", ".join(f"{limit['defaultRequest'][key]} {key}" for key in ("cpu", "memory"))
    page.note(
        f"Bookinfo's manifests state no requests, and a quota on CPU refuses such pods. The "
        f"LimitRange gives each container {request}: so they start."
    )


def check(world: World, owner: Kubectl) -> None:
    """Check the sums, that node ports are closed, and where Bookinfo has its requests from."""
    whole = int(world.tenants["acme"]["spec"]["quota"]["hard"]["pods"])
    quotas = [one["spec"]["hard"] for one in world.of("ResourceQuota", tenant="acme")]
    sum_of_pods = sum(int(hard["pods"]) for hard in quotas)
    claim(sum_of_pods <= whole, f"acme's namespaces have at most {whole} pods.", sum_of_pods)
    claim(all(hard["services.nodeports"] == "0" for hard in quotas), "No node ports.", quotas)
    stated = [one for one in _containers_as_written() if "resources" in one]
    claim(not stated, "Bookinfo states no resources.", stated)
    [limit] = world.the("LimitRange", HOME)["spec"]["limits"]
    for pod in owner.items(f"pods -n {HOME} -l app=reviews"):
        requests = pod["spec"]["containers"][0]["resources"]["requests"]
        claim(requests == limit["defaultRequest"], "Pods have the default requests.", requests)


def _used_of_hard(quota: Manifest, key: str) -> str:
    status = quota["status"]
    return f"{status['used'][key]}/{status['hard'][key]}"


def _containers_as_written() -> list[Manifest]:
    manifests = yaml.safe_load_all((ROOT / "examples/bookinfo/bookinfo.yaml").read_text())
    specs = [one["spec"]["template"]["spec"] for one in manifests if one["kind"] == "Deployment"]
    return [container for spec in specs for container in spec["containers"]]
