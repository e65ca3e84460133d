from applications import component, of_kind, pod
from tenantry.desired.applications.naming import service_account_name


def test_each_component_is_somebody_of_its_own_without_a_token() -> None:
    made = of_kind("ServiceAccount", component("web"), component("db"))

    assert made.keys() == {"shop-web", "shop-db"}
    assert not any(one["automountServiceAccountToken"] for one in made.values())


def test_only_the_pods_that_ask_for_a_token_get_one() -> None:
    asking = component(serviceAccount={"name": "shared", "automountToken": True})
    other = component("db", serviceAccount={"name": "shared"})
    made = of_kind("Deployment", asking, other)

    mounts = {
        name: one["spec"]["template"]["spec"]["automountServiceAccountToken"]
        for name, one in made.items()
    }

    assert mounts == {"web-v1": True, "db-v1": False}
    assert not of_kind("ServiceAccount", asking)["shared"]["automountServiceAccountToken"]


def test_a_shared_account_is_made_once_and_belongs_to_no_single_component() -> None:
    shared = {"serviceAccount": {"name": "both"}, "costLabels": {"product": "x"}}

    made = of_kind("ServiceAccount", component("web", **shared), component("db", **shared))

    assert made.keys() == {"both"}
    assert not {"app", "tenantry.io/component"} & made["both"]["metadata"]["labels"].keys()


def test_the_namespace_s_default_account_is_used_and_left_to_the_tenant() -> None:
    web = component(serviceAccount={"name": "default"})

    assert of_kind("ServiceAccount", web) == {}
    assert pod(web)["serviceAccountName"] == "default"


def test_two_applications_never_make_accounts_of_one_name() -> None:
    pairs = [("a", "b-c"), ("a-b", "c"), ("a", "b"), ("a-b-c", "d"), ("a-b", "c-d"), ("a", "b-c-d")]

    names = [service_account_name(application, name, None) for application, name in pairs]

    assert len({*names}) == len(pairs)
    assert names[:3] == ["a.b-c", "a-b-c", "a-b"]
