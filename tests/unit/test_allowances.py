"""Whether an entry allows a name, as the admission policies have it."""

import pytest

from tenantry.allowances import is_from, is_host_allowed, is_listed, is_tag_allowed, repository


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("nginx", "docker.io/library/nginx"),
        ("nginx:1.27", "docker.io/library/nginx"),
        ("acme/web@sha256:abc", "docker.io/acme/web"),
        ("index.docker.io/nginx", "docker.io/library/nginx"),
        ("ghcr.io/acme/web:1", "ghcr.io/acme/web"),
        ("localhost:5000/web:1", "localhost:5000/web"),
        ("localhost/web", "localhost/web"),
    ],
)
def test_images_are_taken_as_container_runtimes_take_them(image: str, name: str) -> None:
    assert repository(image) == name


@pytest.mark.parametrize(
    ("image", "entries", "allowed"),
    [
        ("ghcr.io/acme/web:1", ["ghcr.io/acme"], True),
        ("ghcr.io/acme-evil/web:1", ["ghcr.io/acme"], False),
        ("nginx", ["docker.io"], True),
        ("nginx", ["index.docker.io"], True),
        ("nginx", ["ghcr.io"], False),
        ("anything", ["*"], True),
        ("ghcr.io/acme/web", ["~ghcr[.]io/[a-z]+/web"], True),
        ("ghcr.io/acme/web2", ["~ghcr[.]io/[a-z]+/web"], False),
        ("ghcr.io/acme/web", ["~("], False),
        ("ghcr.io/Acme/web", ["ghcr.io"], False),
        ("ghcr.io/acme/web", [], False),
    ],
)
def test_an_image_is_from_a_registry_or_from_below_it(
    image: str, entries: list[str], *, allowed: bool
) -> None:
    assert is_from(image, entries) is allowed


DIGEST = "@sha256:" + "a" * 64
ALL_BUT_LATEST = ["!latest", "*"]


@pytest.mark.parametrize(
    ("image", "entries", "allowed"),
    [
        ("nginx", ["*"], True),
        ("nginx", ALL_BUT_LATEST, False),
        ("nginx:latest", ALL_BUT_LATEST, False),
        ("localhost:5000/nginx", ALL_BUT_LATEST, False),
        ("localhost:5000/nginx:1", ALL_BUT_LATEST, True),
        ("nginx:latest" + DIGEST, ALL_BUT_LATEST, True),
        ("nginx@latest", ALL_BUT_LATEST, False),
        ("nginx:1", [], False),
        ("nginx" + DIGEST, [], True),
        ("nginx:v1.2", ["~v[0-9.]+"], True),
        ("nginx:v1.2-rc1", ["~v[0-9.]+"], False),
        ("nginx:dev-7", ["*", "!dev*"], False),
        ("nginx:dev-7", ["*", "!~dev-[0-9]"], False),
        ("nginx:dev-77", ["*", "!~dev-[0-9]"], True),
        ("nginx:system-x", ["*"], True),
    ],
)
def test_an_image_has_a_tag_that_is_listed_and_not_excepted_or_a_digest(
    image: str, entries: list[str], *, allowed: bool
) -> None:
    assert is_tag_allowed(image, entries) is allowed


@pytest.mark.parametrize(
    ("name", "entries", "allowed"),
    [
        ("high", ["high"], True),
        ("higher", ["high"], False),
        ("higher", ["high*"], True),
        ("high", ["*"], True),
        ("system-node-critical", ["*"], False),
        ("system-node-critical", ["system-node-critical"], True),
        ("gold", ["~g.*"], True),
        ("old", ["~g.*"], False),
    ],
)
def test_names_are_listed_in_full_by_a_beginning_or_by_a_pattern(
    name: str, entries: list[str], *, allowed: bool
) -> None:
    assert is_listed(name, entries) is allowed


@pytest.mark.parametrize(
    ("host", "entries", "allowed"),
    [
        ("shop.acme.example.com", ["*.acme.example.com"], True),
        ("a.b.acme.example.com", ["*.acme.example.com"], True),
        ("*.acme.example.com", ["*.acme.example.com"], True),
        ("acme.example.com", ["*.acme.example.com"], False),
        ("evilacme.example.com", ["*.acme.example.com"], False),
        ("shop.example.com", ["shop.example.com"], True),
        ("shop.example.com", ["*"], True),
        ("shop.example.com", [], False),
    ],
)
def test_a_host_is_allowed_by_name_or_below_a_suffix(
    host: str, entries: list[str], *, allowed: bool
) -> None:
    assert is_host_allowed(host, entries) is allowed
