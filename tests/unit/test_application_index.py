"""Whom news about one Application concern."""

from typing import Any

from tenantry.application_index import ApplicationIndex


def _calls(application: str, **more: Any) -> dict[str, Any]:
    there = {"application": application, "component": "api"} | more
    return {"components": [{"name": "web", "dependsOn": [{"external": there}]}]}


def _accepts(application: str) -> dict[str, Any]:
    return {"components": [{"name": "api", "accepts": [{"application": application}]}]}


def test_applications_are_found_by_their_namespace() -> None:
    index = ApplicationIndex()
    index.heard("acme-web/shop", {})
    index.heard("acme-db/store", {})

    assert index.in_namespace("acme-web") == {"acme-web/shop"}
    assert index.all() == {"acme-web/shop", "acme-db/store"}
    index.heard("acme-web/shop", None)
    assert index.in_namespace("acme-web") == set()


def test_those_that_it_calls_or_lets_call_are_concerned() -> None:
    index = ApplicationIndex()

    assert index.heard("a/shop", _calls("store", namespace="b")) == {"b/store"}
    assert index.heard("a/shop", _accepts("front")) == {"b/store", "a/front"}
    assert index.neighbours("a/shop") == {"a/front"}


def test_those_that_speak_of_it_are_concerned() -> None:
    index = ApplicationIndex()
    index.heard("a/shop", _calls("store"))

    assert index.heard("a/store", {}) == {"a/shop"}
    assert index.heard("a/store", None) == {"a/shop"}
    assert index.neighbours("a/store") == {"a/shop"}


def test_whose_it_was_found_to_be_is_remembered_until_it_is_gone() -> None:
    index = ApplicationIndex()
    index.heard("a/shop", {})
    index.looked("a/shop", "acme", waits=True)

    assert (index.of_tenant("acme"), index.waiting) == ({"a/shop"}, {"a/shop"})
    index.looked("a/shop", "acme", waits=False)
    assert index.waiting == frozenset()
    index.heard("a/shop", None)
    assert index.of_tenant("acme") == set()


def test_a_state_is_news_once() -> None:
    index = ApplicationIndex()
    index.heard("a/shop", {})

    assert [index.stands("a/shop", state) for state in ("Ready", "Ready", "Degraded")] == [
        True,
        False,
        True,
    ]
    assert index.states_in("a") == {("a", "shop"): "Degraded"}
    assert index.stands("a/shop", "")
    index.heard("a/shop", None)
    assert index.states_in("a") == {}
