from collections.abc import Callable, Mapping

import pytest
import yaml

from examples import APPLICATIONS, GOLDEN, application_of, documents
from tenantry.api.base import manifest_of
from tenantry.desired.applications import desired_application
from tenantry.desired.applications.facts import ApplicationFacts

Golden = Callable[[str, str], str]

SERVED: Mapping[str, frozenset[str]] = {
    "bookinfo": frozenset({"PodMonitor", "ServiceMonitor", "VerticalPodAutoscaler"})
}
"""What clusters have beside Kubernetes' own kinds, by the example that is applied there."""
LABELS = {
    "tenantry.io/tenant": "acme",
    "tenantry.io/cost-center": "CC-1042",
    "tenantry.io/department": "retail",
    "tenantry.io/environment": "production",
}


@pytest.mark.parametrize("name", APPLICATIONS)
def test_an_example_becomes_what_is_written_down(name: str, golden: Golden) -> None:
    facts = ApplicationFacts("acme-prod", LABELS, SERVED.get(name, frozenset()))
    text = documents(desired_application(application_of(APPLICATIONS[name]), facts))

    assert text == golden(f"applications/{name}", text)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_an_example_has_no_field_that_is_not_read(name: str) -> None:
    written = yaml.safe_load(APPLICATIONS[name].read_text())

    assert manifest_of(application_of(APPLICATIONS[name]).spec) == written["spec"]


def test_every_golden_has_an_example() -> None:
    assert {path.stem for path in GOLDEN.glob("applications/*.yaml")} == APPLICATIONS.keys()


@pytest.mark.parametrize("name", APPLICATIONS)
def test_every_example_says_how_it_is_applied(name: str) -> None:
    readme = (APPLICATIONS[name].parent / "README.md").read_text()

    assert f"kubectl apply -n acme-prod -f examples/{name}/application.yaml" in readme
