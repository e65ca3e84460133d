import pytest

from applications import application, component, objects, of_kind, the
from tenantry.desired.applications.labels import component_selector, version_selector
from tenantry.desired.applications.naming import shortened


def test_a_version_s_objects_have_the_standard_labels() -> None:
    workload = the("Deployment", component(costLabels={"product": "books"}))

    assert workload["metadata"]["labels"] == {
        "app": "web",
        "app.kubernetes.io/component": "web",
        "app.kubernetes.io/instance": "shop-web",
        "app.kubernetes.io/managed-by": "tenantry",
        "app.kubernetes.io/name": "web",
        "app.kubernetes.io/part-of": "shop",
        "app.kubernetes.io/version": "v1",
        "product": "books",
        "tenantry.io/application": "shop",
        "tenantry.io/component": "web",
        "tenantry.io/tenant": "acme",
        "version": "v1",
    }


def test_an_object_of_all_versions_names_none() -> None:
    service = of_kind("Service", component())["web"]

    assert not {"version", "app.kubernetes.io/version"} & service["metadata"]["labels"].keys()


@pytest.mark.parametrize(
    ("of_application", "of_component", "expected"),
    [({}, {}, None), ({"p": "a"}, {}, "a"), ({}, {"p": "b"}, "b"), ({"p": "a"}, {"p": "b"}, "b")],
)
def test_a_component_s_cost_labels_go_over_the_application_s(
    of_application: dict[str, str], of_component: dict[str, str], expected: str | None
) -> None:
    workload = the(
        "Deployment", component(costLabels=of_component), cost={"labels": of_application}
    )

    assert workload["metadata"]["labels"].get("p") == expected


@pytest.mark.parametrize("label", ["tenantry.io/tenant", "app", "tenantry.io/application"])
def test_nobody_chooses_whose_it_is_by_a_cost_label(label: str) -> None:
    usual = the("Deployment", component())["metadata"]["labels"]

    chosen = the("Deployment", component(costLabels={label: "globex"}))["metadata"]["labels"]

    assert chosen[label] == usual[label]


def test_a_long_application_and_component_make_a_label_that_fits() -> None:
    made = application(component("c" * 50), name="a" * 60)

    for one in objects(made):
        assert len(one["metadata"]["labels"]["app.kubernetes.io/instance"]) == 63


def test_long_texts_that_begin_alike_stay_apart() -> None:
    assert shortened("a" * 63) == "a" * 63
    assert shortened("a" * 64) != shortened("a" * 65)


def test_pods_of_two_applications_are_told_apart_by_the_application() -> None:
    # a-b with c, and a with b-c: joined by hyphens they would be the same text.
    assert component_selector("a-b", "c") != component_selector("a", "b-c")
    assert version_selector("a", "web", "v1") != version_selector("b", "web", "v1")
