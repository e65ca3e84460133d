"""What an Application asks for and the cluster cannot do: said, never dropped in silence."""

from collections.abc import Iterable
from dataclasses import dataclass

from tenantry.api.base import Manifest


@dataclass(frozen=True, slots=True)
class Unhonoured:
    """A knob that has no effect, or less than it says.

    Attributes:
        component: whose it is; empty for one of the whole Application.
        knob: path of the field below the component: ``traffic.retries``.
        reason: why, for a person, with what to do where something can be done.
    """

    component: str
    knob: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """Manifests, and what of the Application they do not say."""

    manifests: tuple[Manifest, ...] = ()
    unhonoured: tuple[Unhonoured, ...] = ()


def together(those: Iterable[Rendered]) -> Rendered:
    """All of them as one, in order, each thing said once."""
    those = list(those)
    return Rendered(
        tuple(one for each in those for one in each.manifests),
        tuple(dict.fromkeys(one for each in those for one in each.unhonoured)),
    )
