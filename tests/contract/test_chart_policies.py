"""The chart installs the policies that ``tenantry policies`` prints, and the CRDs of ``crds/``."""

from copy import deepcopy

import pytest

from installation import chart, crds, rendered
from tenantry import policies
from tenantry.api.base import Manifest

KEEP = "helm.sh/resource-policy"


def _released(manifests: list[Manifest]) -> list[Manifest]:
    """The same without what makes Helm keep them, which every one of them must have."""
    released = deepcopy(manifests)
    for manifest in released:
        assert manifest["metadata"]["annotations"].pop(KEEP) == "keep"
        if not manifest["metadata"]["annotations"]:
            del manifest["metadata"]["annotations"]
    return released


def _guards(values: Manifest) -> list[Manifest]:
    return _sorted([one for one in chart(values) if "AdmissionPolicy" in one["kind"]])


def _sorted(manifests: list[Manifest]) -> list[Manifest]:
    return sorted(manifests, key=lambda one: (one["kind"], one["metadata"]["name"]))


@pytest.mark.parametrize("mutating", [True, False])
def test_the_chart_has_every_policy_and_its_bindings(*, mutating: bool) -> None:
    ours = _sorted(policies.manifests(mutating=mutating))

    assert _guards({"policies": {"mutating": mutating, "keep": False}}) == ours
    assert _released(_guards({"policies": {"mutating": mutating}})) == ours
    assert not _guards({"policies": {"install": False, "mutating": True}})


def test_without_a_cluster_that_has_them_the_chart_mutates_nothing() -> None:
    assert not [
        one
        for one in chart({"policies": {"mutating": "auto"}})
        if one["kind"].startswith("MutatingAdmission")
    ]


def test_the_chart_has_the_crds_as_they_are_in_crds() -> None:
    def installed(values: Manifest) -> list[Manifest]:
        return [one for one in rendered(values) if one["kind"] == "CustomResourceDefinition"]

    assert installed({"crds": {"keep": False}}) == crds()
    assert _released(installed({})) == crds()
    assert not installed({"crds": {"install": False}})
