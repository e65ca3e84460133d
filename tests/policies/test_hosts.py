"""Host names and classes of Ingresses, and names to publish."""

from contextlib import suppress

import pytest

from policies.ingresses import ALLOWED, BACKEND, HOSTS, NO_HOST, ingress, rule
from policies.spaces import MakeSpace, Space
from tenantry.api.base import Manifest
from tenantry.cluster.errors import AlreadyExists, Rejected

ASKED = {
    "app.example.com": "",
    "a.acme.example.com": "",
    "a.b.acme.example.com": "",
    "*.acme.example.com": "",
    "*.b.acme.example.com": "",
    "xn--e1afmkfd.acme.example.com": "",
    "acme.example.com": "acme.example.com",
    "evilacme.example.com": "evilacme.example.com",
    "b.app.example.com": "b.app.example.com",
    "*.app.example.com": "*.app.example.com",
    "*.example.com": "*.example.com",
    "*.com": "*.com",
    "a.acme.example.com.evil.com": "a.acme.example.com.evil.com",
    "a.acme.example.co": "a.acme.example.co",
    "xn--e1afmkfd.example.com": "xn--e1afmkfd.example.com",
    "": NO_HOST,
}


@pytest.mark.parametrize(("host", "tried"), ASKED.items())
async def test_hosts_of_ingresses_are_those_of_the_tenant(
    space: MakeSpace, host: str, tried: str
) -> None:
    acme = await space(hosts=HOSTS)

    assert await acme.verdict(ingress(host)) == (
        f"tenant acme: hosts: host {tried}; {ALLOWED}" if tried else ""
    )


@pytest.mark.parametrize(
    "host",
    [
        ".acme.example.com",
        "*",
        "*.",
        "A.acme.example.com",
        "пример.acme.example.com",
        "a b",
        "*.*.acme.example.com",
        "app.example.com.",
        "app.example.com:80",
        "10.0.0.1",
    ],
)
async def test_odd_hosts_of_ingresses_are_not_admitted(space: MakeSpace, host: str) -> None:
    acme = await space(hosts=HOSTS)

    try:
        said = await acme.verdict(ingress(host))
    except Rejected:  # by the API server's own validation
        return
    assert said.startswith("tenant acme: hosts: ")


EVERY_HOST = {
    "no rules but a default backend": (ingress(defaultBackend=BACKEND), NO_HOST),
    "a default backend beside rules": (
        ingress("app.example.com", defaultBackend=BACKEND),
        NO_HOST,
    ),
    "a rule without a host": (ingress(None), NO_HOST),
    "a second rule": (ingress("app.example.com", "globex.example.com"), "globex.example.com"),
    "a second rule without a host": (ingress("app.example.com", None), NO_HOST),
    "TLS of an allowed host": (
        ingress("app.example.com", tls=[{"hosts": ["app.example.com"], "secretName": "s"}]),
        "",
    ),
    "TLS of another host": (
        ingress("app.example.com", tls=[{"hosts": ["app.example.com", "globex.example.com"]}]),
        "globex.example.com",
    ),
    "TLS of every host": (ingress("app.example.com", tls=[{"secretName": "s"}]), NO_HOST),
    "TLS of an allowed host and of every one": (
        ingress("app.example.com", tls=[{"hosts": ["app.example.com"]}, {"secretName": "s"}]),
        NO_HOST,
    ),
    "an alias": (
        ingress(
            "app.example.com",
            annotations={
                "nginx.ingress.kubernetes.io/server-alias": "a.acme.example.com, globex.example.com"
            },
        ),
        "globex.example.com",
    ),
    "an allowed alias": (
        ingress(
            "app.example.com",
            annotations={"nginx.ingress.kubernetes.io/server-alias": "a.acme.example.com"},
        ),
        "",
    ),
    **{
        f"an alias that is {what}": (
            ingress(
                "app.example.com",
                annotations={"nginx.ingress.kubernetes.io/server-alias": alias},
            ),
            alias,
        )
        for what, alias in {
            "a pattern": "~^.*$|a.acme.example.com",
            "two": "globex.example.com a.acme.example.com",
            "more than a host": "x;}server{server_name a.acme.example.com",
        }.items()
    },
    "a published name": (
        ingress(
            "app.example.com",
            annotations={"external-dns.alpha.kubernetes.io/hostname": "globex.example.com"},
        ),
        "globex.example.com",
    ),
}


@pytest.mark.parametrize(("manifest", "tried"), EVERY_HOST.values(), ids=EVERY_HOST)
async def test_every_place_for_a_host_counts(
    space: MakeSpace, manifest: Manifest, tried: str
) -> None:
    acme = await space(hosts=HOSTS)

    assert await acme.verdict(manifest) == (
        f"tenant acme: hosts: host {tried}; {ALLOWED}" if tried else ""
    )


async def test_every_host_is_allowed_where_the_rule_says_so(space: MakeSpace) -> None:
    acme = await space(hosts="*")

    assert await acme.verdict(ingress("globex.example.com", defaultBackend=BACKEND)) == ""
    assert await acme.verdict(ingress("*.example.com", tls=[{"secretName": "s"}])) == ""


@pytest.mark.parametrize("hosts", ["", None])
async def test_no_host_is_allowed_by_a_rule_that_is_empty_or_missing(
    space: MakeSpace, hosts: str | None
) -> None:
    acme = await space(hosts=hosts)

    assert "host app.example.com" in await acme.verdict(ingress("app.example.com"))
    assert NO_HOST in await acme.verdict(ingress(None))


async def test_names_of_services_are_published_as_the_tenant_may(space: MakeSpace) -> None:
    acme = await space(hosts=HOSTS)

    def service(**annotations: str) -> Manifest:
        metadata = {"name": "web", "annotations": annotations}
        spec = {"ports": [{"port": 80}]}
        return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}

    key = "external-dns.alpha.kubernetes.io/hostname"
    assert await acme.verdict(service()) == ""
    assert await acme.verdict(service(**{key: "app.example.com"})) == ""
    assert "globex.example.com" in await acme.verdict(service(**{key: "globex.example.com"}))


ANNOTATION = "kubernetes.io/ingress.class"


@pytest.mark.parametrize(
    ("annotations", "spec", "tried"),
    [
        ({}, {"ingressClassName": "internal"}, ""),
        ({ANNOTATION: "internal"}, {}, ""),
        ({}, {"ingressClassName": "public"}, "public"),
        ({ANNOTATION: "public"}, {}, "public"),
        ({}, {}, "(none)"),
        ({ANNOTATION: ""}, {}, "(none)"),
    ],
)
async def test_ingress_classes_are_those_of_the_tenant(
    space: MakeSpace, annotations: Manifest, spec: Manifest, tried: str
) -> None:
    acme = await space(hosts="*", ingress_classes="internal")

    assert await acme.verdict(ingress("a.com", annotations=annotations, **spec)) == (
        f"tenant acme: ingress-classes: ingressClassName {tried}; allowed: internal"
        if tried
        else ""
    )


@pytest.fixture
async def narrowed(space: MakeSpace) -> Space:
    """Where the ingress ``web`` has a host that the tenant may no longer use."""
    acme = await space(hosts="new.example.com", ingress_classes="internal")
    with suppress(AlreadyExists):
        await acme.made(ingress("old.example.com", ingressClassName="internal"))
    return acme


async def test_an_ingress_from_before_may_be_labelled(narrowed: Space) -> None:
    label = {"metadata": {"labels": {"a": "b"}}}

    assert await narrowed.verdict_on_change("Ingress", "web", label) == ""


CHANGES = {
    "other rules": ({"spec": {"rules": [rule("globex.example.com")]}}, "host globex.example.com"),
    "no rules": ({"spec": {"rules": None, "defaultBackend": BACKEND}}, NO_HOST),
    "allowed rules": ({"spec": {"rules": [rule("new.example.com")]}}, ""),
    "another class by annotation": (
        {
            "metadata": {"annotations": {ANNOTATION: "public"}},
            "spec": {"rules": [rule("new.example.com")]},
        },
        "ingressClassName public",
    ),
    "an alias": (
        {"metadata": {"annotations": {"nginx.ingress.kubernetes.io/server-alias": "g.com"}}},
        "host old.example.com",
    ),
}


@pytest.mark.parametrize(("change", "said"), CHANGES.values(), ids=CHANGES)
async def test_an_ingress_changes_within_the_rules(
    narrowed: Space, change: Manifest, said: str
) -> None:
    seen = await narrowed.verdict_on_change("Ingress", "web", change)

    assert said in seen
    assert bool(said) == bool(seen)
