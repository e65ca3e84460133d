"""What the API server refuses of Applications, and how it says so: every rule and every bound."""

import asyncio

import pytest

import installation
from bad_applications import BAD_APPLICATIONS, TWO, WEB, application
from bounds import Breach, breaches, rules_in
from cluster_api import ClusterApi
from tenantry.api.base import Manifest

SCHEMA = installation.schema_of("Application")
FIELDS = SCHEMA["properties"]["spec"]["properties"]
PARTS = FIELDS["components"]["items"]["properties"]


@pytest.mark.parametrize("what", BAD_APPLICATIONS)
async def test_a_rule_is_told_to_whoever_breaks_it(what: str, api: ClusterApi, name: str) -> None:
    bad = BAD_APPLICATIONS[what]

    assert bad.message in await api.refusal(application(bad.name or name, **bad.spec))


def test_every_rule_is_broken_by_a_manifest() -> None:
    told = {bad.message for bad in BAD_APPLICATIONS.values()}

    assert {rule["message"] for rule in rules_in(SCHEMA)} - told == set()


async def _unheard(api: ClusterApi, name: str, breach: Breach) -> str:
    """What is wrong with the answer to a breach; nothing, if all is well."""
    told = await api.refusal(application(name, **breach.spec))
    is_told = breach.message in told and breach.path in told
    return "" if is_told else f"{breach.path} {breach.keyword}: {told or 'admitted'}"


@pytest.mark.parametrize("field", [field for field in FIELDS if field != "components"])
async def test_every_bound_of_a_field_holds(field: str, api: ClusterApi, name: str) -> None:
    beyond = breaches(FIELDS[field], f"spec.{field}", lambda value: {field: value})
    answers = await asyncio.gather(*(_unheard(api, name, breach) for breach in beyond))

    assert [answer for answer in answers if answer] == []


@pytest.mark.parametrize("field", PARTS)
async def test_every_bound_of_a_component_s_field_holds(
    field: str, api: ClusterApi, name: str
) -> None:
    beyond = breaches(
        PARTS[field],
        f"spec.components[0].{field}",
        lambda value: {"components": [WEB | {field: value}]},
    )
    answers = await asyncio.gather(*(_unheard(api, name, breach) for breach in beyond))

    assert [answer for answer in answers if answer] == []


async def test_there_are_between_one_and_32_components(api: ClusterApi, name: str) -> None:
    many = [WEB | {"name": f"web{number}"} for number in range(33)]

    assert "at least 1 items" in await api.refusal(application(name, components=[]))
    assert "at most 32 items" in await api.refusal(application(name, components=many))


async def test_a_component_needs_a_name(api: ClusterApi, name: str) -> None:
    nameless = application(name, components=[{"image": "web:1.0"}])

    assert 'omits all key fields ["name"]' in await api.refusal(nameless)


@pytest.mark.parametrize(
    "components",
    [
        pytest.param([WEB, WEB], id="components"),
        pytest.param([{"name": "web", "versions": [TWO[0], TWO[0]]}], id="versions"),
        pytest.param([WEB | {"env": [{"name": "A"}, {"name": "A"}]}], id="variables"),
        pytest.param(
            [{"name": "web", "image": "a:1", "ports": [{"name": "http", "port": 1}] * 2}],
            id="ports",
        ),
    ],
)
async def test_a_name_is_given_once(components: list[Manifest], api: ClusterApi, name: str) -> None:
    refused = await api.refusal(application(name, components=components))

    assert "duplicate entries for key" in refused


GOOD: dict[str, Manifest] = {
    "a name, an image and a port": {},
    "an image by digest": {
        "components": [WEB | {"image": "localhost:5000/web@sha256:" + "0" * 64}],
        "policy": {"image": {"requireDigest": True}},
    },
    "the latest image, where it is allowed": {
        "components": [WEB | {"image": "web"}, WEB | {"name": "db", "image": "db:latest"}],
        "policy": {"image": {"allowLatest": True}},
    },
    "components that call each other": {
        "components": [
            WEB | {"dependsOn": [{"component": "db", "versions": ["v1"]}]},
            {"name": "db", "image": "db:1", "dependsOn": [{"component": "web"}]},
        ],
        "defaults": {"port": 9080},
    },
    "a StatefulSet whose pods call each other": {
        "components": [WEB | {"kind": "StatefulSet", "dependsOn": [{"component": "web"}]}]
    },
    "a component and a version of 63 characters": {
        "components": [
            {"name": "b" * 40, "versions": [{"name": "c" * 22, "image": "web:1"}], "port": 80}
        ]
    },
    "a StatefulSet of 52 characters": {
        "components": [WEB | {"name": "b" * 49, "kind": "StatefulSet"}]
    },
    "a rollout beside weights": {
        "components": [
            {
                "name": "web",
                "versions": TWO,
                "traffic": {
                    "weights": {"v1": 100},
                    "rollout": {"version": "v2", "steps": [{"weight": 1}, {"weight": 100}]},
                },
            }
        ]
    },
    "a port of two protocols": {
        "components": [
            {
                "name": "dns",
                "image": "dns:1",
                "ports": [
                    {"name": "dns", "port": 53, "protocol": "UDP"},
                    {"name": "dns-tcp", "port": 53},
                ],
                "metrics": {"port": "dns-tcp"},
            }
        ]
    },
    "a budget of all but a share": {
        "components": [WEB | {"disruptionBudget": {"minAvailable": "99%"}}]
    },
    "files in a hidden directory": {"components": [WEB | {"files": {"/etc/.app/a_b-c.yaml": "a"}}]},
    "a schedule by name": {
        "components": [
            {"name": "job", "image": "job:1", "kind": "CronJob", "schedule": "@every 1h30m"}
        ]
    },
}


@pytest.mark.parametrize("what", GOOD)
async def test_what_is_just_within_the_rules_is_admitted(what: str, api: ClusterApi) -> None:
    assert await api.refusal(application("shop", **GOOD[what])) == ""
