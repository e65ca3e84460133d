"""Where images come from and when they are pulled.

Names are taken as container runtimes take them
(https://pkg.go.dev/github.com/distribution/reference#ParseNormalizedNamed): a first part with a dot
or a colon, or ``localhost``, is a registry; else the registry is ``docker.io``, whose one-word
names are in ``library``. Tags and digests say nothing about where an image comes from. A name that
no runtime takes, upper case among them, is allowed only where everything is.

By a tag another image may be got tomorrow, by a digest never: so a rule on tags leaves digests
alone, and of an image with both the digest counts, as it does when it is pulled. Without either the
tag is ``latest``.
"""

from typing import Final

from tenantry.policies.fragments import listed, rule
from tenantry.policies.pod_specs import EPHEMERAL_CONTAINERS, PODS, SPECS, TEMPLATES
from tenantry.policies.policy import Named, Policy, Validation
from tenantry.policies.refusals import ASKING, allowed, refusal

_COMPONENT: Final = "[a-z0-9]+((\\\\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE: Final = f"^[-a-z0-9.:\\\\[\\\\]]+(/{_COMPONENT})+$"
"""https://pkg.go.dev/github.com/distribution/reference: the grammar of names, in lower case."""

_INDEX: Final = "index.docker.io"
_DOCKER: Final = "docker.io"


def _containers(spec: str) -> str:
    kinds = ("containers", "initContainers", "ephemeralContainers")
    return "(" + " + ".join(f"{spec}.?{kind}.orValue([])" for kind in kinds) + ")"


def _each(spec: str, of_container: str, of_volume: str) -> str:
    """CEL for a field of all that has an image: containers of every kind, and image volumes."""
    return (
        f"({_containers(spec)}.map(c, c.?{of_container}.orValue('')) + "
        f"{spec}.?volumes.orValue([]).filter(v, has(v.image))"
        f".map(v, v.image.?{of_volume}.orValue('')))"
    )


def _images(spec: str) -> str:
    return _each(spec, "image", "reference")


def _policies(spec: str) -> str:
    return _each(spec, "imagePullPolicy", "pullPolicy")


_NAMES: Final = (
    "variables.images.map(i, i.split('@')[0])"
    ".map(i, i.lastIndexOf(':') > i.lastIndexOf('/') ? i.substring(0, i.lastIndexOf(':')) : i)"
    f".map(i, !i.contains('/') ? '{_DOCKER}/library/' + i : "
    f"i.matches('^([^/]*[.:][^/]*|localhost)/') ? i : '{_DOCKER}/' + i)"
    f".map(i, i.startsWith('{_INDEX}/') ? i.substring({len('index.')}) : i)"
    f".map(i, i.matches('^docker[.]io/[^/]*$') ? "
    f"'{_DOCKER}/library/' + i.substring({len(_DOCKER) + 1}) : i)"
)

FROM_ELSEWHERE: Final[Named] = (
    (
        "registries",
        (
            f"{rule('registries')}.map(e, e == '{_INDEX}' || e.startsWith('{_INDEX}/') ? "
            f"e.substring({len('index.')}) : e)"
        ),
    ),
    (
        "foreign",
        (
            f"'*' in variables.registries ? [] : {_NAMES}"
            f".filter(n, !n.matches('{_REFERENCE}') || !variables.registries.exists(e, "
            "e.startsWith('~') ? n.matches('^(?:' + e.substring(1) + ')$') : "
            "n == e || n.startsWith(e + '/')))"
        ),
    ),
)
"""Variables: the names of ``variables.images`` that are from no registry of the tenant's."""

_DIGEST: Final = "@[A-Za-z][-A-Za-z0-9_+.]*:[0-9A-Fa-f]{32,}$"
"""https://pkg.go.dev/github.com/distribution/reference."""
_TAG: Final = (
    "[i.split('@')[0]].map(n, "
    "n.lastIndexOf(':') > n.lastIndexOf('/') ? n.substring(n.lastIndexOf(':') + 1) : 'latest')"
)

BY_OTHER_TAGS: Final[Named] = (
    ("tags", rule("image-tags")),
    ("tagsAllowed", "variables.tags.filter(e, !e.startsWith('!'))"),
    ("tagsTaken", "variables.tags.filter(e, e.startsWith('!')).map(e, e.substring(1))"),
    (
        "mutable",
        (
            "variables.tags == ['*'] ? [] : "
            f"variables.images.filter(i, !i.matches('{_DIGEST}') && {_TAG}.exists(t, "
            f"!{listed('t', 'variables.tagsAllowed')} || {listed('t', 'variables.tagsTaken')}))"
        ),
    ),
)
"""Variables: those of ``variables.images`` that have neither a digest nor a tag of the rule's."""

ABOUT_IMAGES: Final[tuple[Validation, ...]] = (
    refusal("registries", "foreign", "image "),
    refusal(
        "image-tags",
        "mutable",
        "image ",
        f"'allowed: ' + {allowed('image-tags')} + ', and every digest'",
    ),
)
"""What is said of both."""

IMAGES: Final = Policy(
    name="images",
    purpose="Containers and image volumes take their images from the tenant's registries only, "
    "by the tags that the tenant may use or by digest, and pull them as the tenant may.",
    resources=(PODS, EPHEMERAL_CONTAINERS, *TEMPLATES),
    variables=(
        *ASKING,
        *SPECS,
        ("known", _images("variables.old")),
        (
            "images",
            f"{_images('variables.spec')}.filter(i, i != '' && !(i in variables.known))",
        ),
        *FROM_ELSEWHERE,
        *BY_OTHER_TAGS,
        ("pullPolicies", rule("image-pull-policies")),
        ("knownPolicies", _policies("variables.old")),
        (
            "pulled",
            (
                f"'*' in variables.pullPolicies ? [] : {_policies('variables.spec')}"
                ".filter(p, (p == '' || !(p in variables.pullPolicies)) && "
                "!(p in variables.knownPolicies))"
            ),
        ),
    ),
    validations=(
        *ABOUT_IMAGES,
        refusal("image-pull-policies", "pulled", "imagePullPolicy "),
    ),
    has_modes=True,
)
