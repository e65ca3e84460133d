"""The chart installs the policies that ``tenantry policies`` prints."""

from installation import chart
from tenantry import policies


def test_the_chart_has_every_validating_policy_and_its_bindings() -> None:
    installed = [one for one in chart() if one["kind"].startswith("ValidatingAdmission")]

    assert installed == policies.manifests(mutating=False)


def test_without_a_cluster_that_has_them_the_chart_mutates_nothing() -> None:
    assert not [
        one
        for one in chart({"policies": {"mutating": "auto"}})
        if one["kind"].startswith("MutatingAdmission")
    ]
