"""Where images come from: the grammar of registries, and every way to name an image."""

from contextlib import suppress

import pytest

from policies.spaces import MakeSpace, Space
from policies.workload_manifests import TEMPLATED, container, pod, templated
from tenantry.api.base import Manifest
from tenantry.cluster.errors import AlreadyExists, Forbidden, Rejected

ALLOWED = "ghcr.io/acme\ndocker.io/library\nlocalhost:5000/ours\n~quay\\.io/(acme|beta)-[a-z]+/.*"

ADMITTED = (
    "nginx",
    "nginx:1.27",
    "library/nginx",
    "docker.io/nginx",
    "docker.io/library/nginx:1",
    "index.docker.io/nginx",
    "index.docker.io/library/nginx",
    "nginx@sha256:" + "a" * 64,
    "localhost",
    "ghcr.io/acme",
    "ghcr.io/acme/web:2",
    "ghcr.io/acme/a/b/c__d:2@sha256:" + "b" * 64,
    "localhost:5000/ours/x:1",
    "quay.io/acme-team/x",
)
REFUSED = {
    "acme/web": "docker.io/acme/web",
    "docker.io/acme/web:1": "docker.io/acme/web",
    "index.docker.io/acme/web": "docker.io/acme/web",
    "registry-1.docker.io/library/nginx": "registry-1.docker.io/library/nginx",
    "library.io/nginx": "library.io/nginx",
    "ghcr.io/acme-evil/web": "ghcr.io/acme-evil/web",
    "ghcr.io/acmeevil": "ghcr.io/acmeevil",
    "ghcr.io/evil/ghcr.io/acme/web": "ghcr.io/evil/ghcr.io/acme/web",
    "ghcr.io:443/acme/web": "ghcr.io:443/acme/web",
    "ghcr.io.evil.com/acme/web": "ghcr.io.evil.com/acme/web",
    "ghcr.io/acme/../evil/web": "ghcr.io/acme/../evil/web",
    "ghcr.io//acme/web": "ghcr.io//acme/web",
    "ghcr.io/acme/": "ghcr.io/acme/",
    "GHCR.io/acme/web": "GHCR.io/acme/web",
    "ghcr.io/Acme/web": "ghcr.io/Acme/web",
    "Library/nginx": "docker.io/Library/nginx",
    "evil:5000/ghcr.io/acme": "evil:5000/ghcr.io/acme",
    "localhost/ours/x": "localhost/ours/x",
    "localhost:5001/ours/x": "localhost:5001/ours/x",
    "evil.com/x@sha256:ghcr.io/acme": "evil.com/x",
    "ghcr.io/acme/a\nb": "ghcr.io/acme/a b",
    "[::1]:5000/ghcr.io/acme": "[::1]:5000/ghcr.io/acme",
    "xquay.io/acme-team/x": "xquay.io/acme-team/x",
    "quay.io/gamma-team/x": "quay.io/gamma-team/x",
    "пример.рф/acme": "пример.рф/acme",
}


@pytest.mark.parametrize("image", ADMITTED)
async def test_images_of_the_tenants_registries_are_admitted(space: MakeSpace, image: str) -> None:
    acme = await space(registries=ALLOWED)

    assert await acme.verdict(pod(image)) == ""


@pytest.mark.parametrize("image", REFUSED)
async def test_images_of_other_registries_are_refused(space: MakeSpace, image: str) -> None:
    acme = await space(registries=ALLOWED)

    assert await acme.verdict(pod(image)) == (
        f"tenant acme: registries: image {REFUSED[image]}; allowed: " + ALLOWED.replace("\n", ", ")
    )


EVERY_KIND = {
    "container": pod("evil.com/x"),
    "init container": pod(initContainers=[container("evil.com/x", "init")]),
    "sidecar": pod(initContainers=[container("evil.com/x", "side", restartPolicy="Always")]),
    "image volume": pod(volumes=[{"name": "v", "image": {"reference": "evil.com/x"}}]),
    "second container": pod(containers=[container(), container("evil.com/x", "b")]),
    "generated name": pod("evil.com/x") | {"metadata": {"generateName": "web-"}},
} | {kind: templated(kind, containers=[container("evil.com/x")], volumes=[]) for kind in TEMPLATED}


@pytest.mark.parametrize("manifest", EVERY_KIND.values(), ids=EVERY_KIND)
async def test_every_kind_of_image_counts(space: MakeSpace, manifest: Manifest) -> None:
    acme = await space(registries="docker.io")

    assert await acme.verdict(manifest) == (
        "tenant acme: registries: image evil.com/x; allowed: docker.io"
    )


@pytest.mark.parametrize("kind", TEMPLATED)
async def test_templates_with_images_of_the_tenant_are_admitted(
    space: MakeSpace, kind: str
) -> None:
    acme = await space(registries="docker.io")

    assert await acme.verdict(templated(kind)) == ""


async def test_everything_is_allowed_where_the_rule_says_so(space: MakeSpace) -> None:
    assert await (await space()).verdict(pod("Evil.com/X")) == ""


@pytest.mark.parametrize("entry", ["index.docker.io/acme", "docker.io/acme"])
async def test_both_names_of_docker_hub_are_one(space: MakeSpace, entry: str) -> None:
    acme = await space(registries=entry)

    assert await acme.verdict(pod("acme/web")) == ""
    assert await acme.verdict(pod("index.docker.io/acme/web")) == ""
    assert "registries" in await acme.verdict(pod("nginx"))


async def test_an_empty_rule_allows_no_image(space: MakeSpace) -> None:
    acme = await space(registries="")

    assert await acme.verdict(pod("nginx")) == (
        "tenant acme: registries: image docker.io/library/nginx; allowed: none"
    )


async def test_a_rule_that_is_missing_allows_no_image(space: MakeSpace) -> None:
    acme = await space(registries=None)

    assert await acme.verdict(pod("nginx")) == (
        "tenant acme: registries: image docker.io/library/nginx; "
        "allowed: nothing before the operator has prepared the namespace"
    )


async def test_a_long_rule_is_told_in_part(space: MakeSpace) -> None:
    acme = await space(registries="\n".join(f"r{n}.example.com/{'x' * 100}" for n in range(64)))

    said = await acme.verdict(pod("evil.com/" + "y" * 400))

    assert said.startswith("tenant acme: registries: image evil.com/yyy")
    assert "...; allowed: r0.example.com/" in said
    assert said.endswith(" ...")


@pytest.fixture
async def running(space: MakeSpace) -> Space:
    """Where the pod ``web`` has an image from before the registries were narrowed."""
    acme = await space(registries="docker.io/library")
    with suppress(AlreadyExists):
        await acme.made(pod("old.example.com/x"))
    return acme


async def test_an_image_cannot_be_swapped_for_a_foreign_one(running: Space) -> None:
    swap = [{"op": "replace", "path": "/spec/containers/0/image", "value": "evil.com/x"}]

    assert "image evil.com/x" in await running.verdict_on_change("Pod", "web", swap)


async def test_an_image_can_be_swapped_for_one_of_the_tenants(running: Space) -> None:
    swap = [{"op": "replace", "path": "/spec/containers/0/image", "value": "nginx:2"}]

    assert await running.verdict_on_change("Pod", "web", swap) == ""


async def test_what_runs_with_a_foreign_image_may_be_labelled(running: Space) -> None:
    label = {"metadata": {"labels": {"a": "b"}}}

    assert await running.verdict_on_change("Pod", "web", label) == ""


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("nginx", ""),
        ("evil.com/x", "tenant acme: registries: image evil.com/x; allowed: docker.io/library"),
    ],
)
async def test_ephemeral_containers_count(running: Space, image: str, said: str) -> None:
    debug = {"spec": {"ephemeralContainers": [container(image, "debug")]}}

    seen = await running.verdict_on_change("Pod", "web", debug, "ephemeralcontainers")

    assert seen == said


async def test_ephemeral_containers_cannot_come_by_another_way(running: Space) -> None:
    debug = {"spec": {"ephemeralContainers": [container("evil.com/x", "debug")]}}

    for subresource in ("", "status", "resize"):
        with pytest.raises((Rejected, Forbidden)):
            await running.user.patch("Pod", "web", debug, running.namespace, subresource)


DIGEST = "@sha256:" + "a" * 64
TAGGED = {
    "all but latest": (
        "*\n!latest",
        ("nginx:1", "localhost:5000/nginx:1", "nginx" + DIGEST, "nginx:latest" + DIGEST),
        ("nginx", "nginx:latest", "localhost:5000/nginx", "nginx@latest"),
    ),
    "digests": ("", ("nginx" + DIGEST, "a:1" + DIGEST), ("nginx:1", "nginx", "nginx@sha256:aa")),
    "a pattern": ("~v[0-9.]+\nstable", ("nginx:v1.2", "a:stable"), ("nginx:v1-rc", "a:1", "a")),
    "all but some": (
        "*\n!dev*\n!~pr-[0-9]+",
        ("a:1", "a:pr-x", "a"),
        ("a:dev", "a:dev-2", "a:pr-7"),
    ),
    "everything": ("*", ("nginx", "nginx:latest"), ()),
}


@pytest.mark.parametrize(("tags", "admitted", "refused"), TAGGED.values(), ids=TAGGED)
async def test_images_have_tags_of_the_rule_or_digests(
    space: MakeSpace, tags: str, admitted: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    acme = await space(image_tags=tags)

    assert {image: await acme.verdict(pod(image)) for image in admitted} == dict.fromkeys(
        admitted, ""
    )
    told = tags.replace("\n", ", ") or "none"
    for image in refused:
        assert await acme.verdict(pod(image)) == (
            f"tenant acme: image-tags: image {image}; allowed: {told}, and every digest"
        )


async def test_a_rule_on_tags_that_is_missing_allows_digests_alone(space: MakeSpace) -> None:
    acme = await space(image_tags=None)

    assert await acme.verdict(pod("nginx" + DIGEST)) == ""
    assert "image-tags: image nginx:1; " in await acme.verdict(pod("nginx:1"))


PULLED = {
    "as it is by default without a tag": (pod("nginx"), ""),
    "as it is by default with a tag": (pod("nginx:1"), "IfNotPresent"),
    "as it is by default with a digest": (pod("nginx@sha256:" + "a" * 64), "IfNotPresent"),
    "as it is by default with the tag latest": (pod("nginx:latest"), ""),
    "as it is said": (pod(containers=[container("nginx:1", imagePullPolicy="Always")]), ""),
    "never": (pod(containers=[container(imagePullPolicy="Never")]), "Never"),
    "never at the start": (
        pod(initContainers=[container(name="init", imagePullPolicy="Never")]),
        "Never",
    ),
    "never for a volume": (
        pod(volumes=[{"name": "v", "image": {"reference": "a", "pullPolicy": "Never"}}]),
        "Never",
    ),
    "for a volume as it is by default": (
        pod(volumes=[{"name": "v", "image": {"reference": "a:1"}}]),
        "IfNotPresent",
    ),
} | {
    f"{kind} {image}": (templated(kind, containers=[container(image)]), said)
    for kind in TEMPLATED
    for image, said in (("nginx:1", "IfNotPresent"), ("nginx", ""))
}


@pytest.mark.parametrize(("manifest", "policy"), PULLED.values(), ids=PULLED)
async def test_pull_policies_count_with_their_defaults(
    space: MakeSpace, manifest: Manifest, policy: str
) -> None:
    acme = await space(image_pull_policies="Always")

    assert await acme.verdict(manifest) == (
        f"tenant acme: image-pull-policies: imagePullPolicy {policy}; allowed: Always"
        if policy
        else ""
    )


async def test_the_largest_rules_and_pods_are_within_the_cost_of_a_policy(
    space: MakeSpace,
) -> None:
    most = "\n".join(
        (*(f"registry-{n}.example.com/{'team-' * 20}" for n in range(63)), "docker.io")
    )
    tags = "\n".join((*(f"!~{n}-{'[a-z]+-' * 12}" for n in range(15)), "*"))
    acme = await space(
        registries=most, image_tags=tags, image_pull_policies="Always\nNever\nIfNotPresent"
    )
    names = [f"c{n}" for n in range(50)]
    fine = [container(f"acme/{'application-' * 10}x{n}:1", n) for n in names]

    assert await acme.verdict(pod(containers=fine)) == ""
    assert "evil.com/x" in await acme.verdict(
        pod(containers=[*fine, container("evil.com/x", "evil")])
    )
