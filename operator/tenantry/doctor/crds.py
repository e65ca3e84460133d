"""Whether the API is the one that this version ships: CRDs compared by a hash.

Helm never upgrades what a chart has in ``crds/``
(https://helm.sh/docs/chart_best_practices/custom_resource_definitions/), so CRDs that are older
than their operator are common, and what is new in a manifest is then dropped in silence.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, Final

from tenantry.api.base import Manifest
from tenantry.api.crd import custom_resource_definition
from tenantry.api.kinds import KINDS
from tenantry.doctor.facts import Facts, Unseen
from tenantry.doctor.finding import Finding, Level, ok, unknown

NAME: Final = "crds"
MEND: Final = "tenantry crds | kubectl apply --server-side --force-conflicts -f -"
_NAMES: Final = ("plural", "singular", "kind", "shortNames", "categories")
_VERSIONS: Final = (
    "name",
    "served",
    "storage",
    "schema",
    "subresources",
    "additionalPrinterColumns",
)


def digest(crd: Manifest) -> str:
    """What decides how the API server treats the kind's objects, as twelve hexadecimal digits.

    What the API server adds of its own (defaults of ``names`` and ``conversion``) is left out.
    """
    spec = crd["spec"]
    essence = {
        "group": spec["group"],
        "scope": spec["scope"],
        "names": _only(spec["names"], _NAMES),
        "versions": [_only(one, _VERSIONS) for one in spec["versions"]],
    }
    return hashlib.sha256(json.dumps(essence, sort_keys=True).encode()).hexdigest()[:12]


def check(facts: Facts) -> Iterator[Finding]:
    """Every kind of the API."""
    if isinstance(facts.crds, Unseen):
        yield unknown(NAME, "CustomResourceDefinitions", facts.crds)
        return
    for kind in KINDS:
        yield _judged(kind.crd_name, custom_resource_definition(kind), facts.crds)


def _judged(name: str, shipped: Manifest, found: Any) -> Finding:
    there = found.get(name)
    if there is None:
        return Finding(
            NAME,
            Level.ERROR,
            f"{name} is not installed",
            "The API server does not know the kind: its objects cannot be written or served.",
            MEND,
        )
    if digest(there) != digest(shipped):
        return Finding(
            NAME,
            Level.WARNING,
            f"{name} is {digest(there)}; this version ships {digest(shipped)}",
            "Fields, defaults and rules are not this version's: what is new in a manifest is "
            "dropped. If the operator is newer than this program, use its version of it.",
            MEND,
        )
    conditions = {one["type"]: one for one in there.get("status", {}).get("conditions", ())}
    for type_ in ("NamesAccepted", "Established"):
        if conditions.get(type_, {}).get("status") != "True":
            why = conditions.get(type_, {}).get("message", "the API server has not said so yet")
            return Finding(
                NAME,
                Level.ERROR,
                f"{name} is not {type_}: {why}",
                "The API server does not serve the kind.",
                f"kubectl describe crd {name}",
            )
    return ok(NAME, f"{name} is the one of this version ({digest(shipped)})")


def _only(mapping: Manifest, keys: tuple[str, ...]) -> Manifest:
    return {key: mapping[key] for key in keys if mapping.get(key)}
