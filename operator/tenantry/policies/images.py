"""Where images come from and when they are pulled.

Names are taken as container runtimes take them
(https://pkg.go.dev/github.com/distribution/reference#ParseNormalizedNamed): a first part with a dot
or a colon, or ``localhost``, is a registry; else the registry is ``docker.io``, whose one-word
names are in ``library``. Tags and digests say nothing about where an image comes from. A name that
no runtime takes, upper case among them, is allowed only where everything is.
"""

from typing import Final

from tenantry.policies.fragments import rule
from tenantry.policies.pod_specs import EPHEMERAL_CONTAINERS, PODS, SPECS, TEMPLATES
from tenantry.policies.policy import Policy
from tenantry.policies.refusals import ASKING, refusal

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

IMAGES: Final = Policy(
    name="images",
    purpose="Containers and image volumes take their images from the tenant's registries only, "
    "and pull them as the tenant may.",
    resources=(PODS, EPHEMERAL_CONTAINERS, *TEMPLATES),
    variables=(
        *ASKING,
        *SPECS,
        (
            "registries",
            (
                f"{rule('registries')}.map(e, e == '{_INDEX}' || e.startsWith('{_INDEX}/') ? "
                f"e.substring({len('index.')}) : e)"
            ),
        ),
        ("known", _images("variables.old")),
        (
            "images",
            f"{_images('variables.spec')}.filter(i, i != '' && !(i in variables.known))",
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
        refusal("registries", "foreign", "image "),
        refusal("image-pull-policies", "pulled", "imagePullPolicy "),
    ),
    has_modes=True,
)
