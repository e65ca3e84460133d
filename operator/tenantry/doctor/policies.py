"""Whether the admission policies of this version are there, bound, as shipped, and make sense.

The API server checks the types of what a policy's CEL reads, and tells in the policy's status:
https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from tenantry import policies
from tenantry.api.base import Manifest
from tenantry.doctor.facts import Facts, Unseen
from tenantry.doctor.finding import Finding, Level, listed, ok, unknown

NAME: Final = "policies"
_APPLY: Final = "kubectl apply --server-side --force-conflicts -f -"
_BINDING: Final = "Binding"
_DEFAULTS: Final[Manifest] = {
    "matchPolicy": "Equivalent",
    "namespaceSelector": {},
    "objectSelector": {},
    "scope": "*",
}
"""What the API server adds to a policy:
https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/validating-admission-policy-v1/."""


def check(facts: Facts) -> Iterator[Finding]:
    """All policies and bindings that this version ships."""
    if isinstance(facts.policies, Unseen):
        yield unknown(NAME, "admission policies", facts.policies)
        return
    shipped = policies.manifests(mutating=facts.mutates)
    mend = f"tenantry policies{'' if facts.mutates else ' --validating'} | {_APPLY}"
    found = {_key(one): one for one in facts.policies}
    bad = [*_missing(shipped, found, mend), *_different(shipped, found, mend)]
    ours = [found[_key(one)] for one in shipped if _key(one) in found]
    bad += [*_left_over(shipped, found), *_warnings(ours)]
    count = sum(not one["kind"].endswith(_BINDING) for one in shipped)
    yield from bad or [
        ok(NAME, f"{count} admission policies are in force, as this version ships them")
    ]


def is_as_shipped(shipped: Any, found: Any) -> bool:
    """Whether what is there is what was shipped, and what the API server adds of itself."""
    if isinstance(shipped, dict) and isinstance(found, dict):
        return all(is_as_shipped(value, found.get(key)) for key, value in shipped.items()) and all(
            _DEFAULTS.get(key) == found[key] for key in found.keys() - shipped.keys()
        )
    if isinstance(shipped, list) and isinstance(found, list):
        return len(shipped) == len(found) and all(map(is_as_shipped, shipped, found))
    return bool(shipped == found)


def _missing(
    shipped: Sequence[Manifest], found: dict[tuple[str, str], Manifest], mend: str
) -> Iterator[Finding]:
    absent = [_key(one) for one in shipped if _key(one) not in found]
    if names := [name for kind, name in absent if not kind.endswith(_BINDING)]:
        yield Finding(
            NAME,
            Level.ERROR,
            f"not installed: {listed(names)}",
            "What they forbid is let through, whatever a Tenant says.",
            mend,
        )
    if names := [name for kind, name in absent if kind.endswith(_BINDING)]:
        yield Finding(
            NAME,
            Level.ERROR,
            f"not bound: {listed(names)}",
            "A policy without its binding forbids nothing.",
            mend,
        )


def _different(
    shipped: Sequence[Manifest], found: dict[tuple[str, str], Manifest], mend: str
) -> Iterator[Finding]:
    names = [
        one["metadata"]["name"]
        for one in shipped
        if _key(one) in found and not is_as_shipped(one["spec"], found[_key(one)]["spec"])
    ]
    if names:
        yield Finding(
            NAME,
            Level.WARNING,
            f"not as this version ships them: {listed(sorted({*names}))}",
            "They are of another release, or somebody has changed them: what they forbid may be "
            "let through.",
            mend,
        )


def _left_over(
    shipped: Sequence[Manifest], found: dict[tuple[str, str], Manifest]
) -> Iterator[Finding]:
    names = sorted(found.keys() - {_key(one) for one in shipped})
    if names:
        yield Finding(
            NAME,
            Level.WARNING,
            f"of no use to this version: {listed([name for _, name in names])}",
            "They are of another release, and go on forbidding what it forbade.",
            " && ".join(f"kubectl delete {kind.lower()} {name}" for kind, name in names),
        )


def _warnings(found: Sequence[Manifest]) -> Iterator[Finding]:
    """What the API server's type checker says of them."""
    for one in found:
        status, name = one.get("status", {}), one["metadata"]["name"]
        if warnings := status.get("typeChecking", {}).get("expressionWarnings"):
            yield Finding(
                NAME,
                Level.WARNING,
                f"{name}: {len(warnings)} of its expressions do not fit the types of what they "
                f"read: {warnings[0]['fieldRef']}",
                "Requests for those types may be refused for no reason, or let through.",
                f"kubectl describe {one['kind'].lower()} {name}",
            )


def _key(manifest: Manifest) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]
