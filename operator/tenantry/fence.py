"""Pure: how a ResourceQuota that carries a lease is changed, so that a late write changes nothing.

An operator that has lost its lease may have a request under way. What it was about to grant may
have been taken back since and granted elsewhere; so each change tests that the object still
carries the generation that it was decided from, and replaces it. Generations only grow, so no
earlier state comes back: what carries a later one than what should be is not touched at all, for
whoever would do so looks at an old ledger. The test is part of the patch (RFC 6902, 4.6), which
the API server evaluates anew when somebody else, such as its own admission, updates the object
meanwhile.
"""

from collections.abc import Iterator
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.names import LEASE_ANNOTATION
from tenantry.observed import Observed

_MOST_DIGITS: Final = 18
"""Of a generation: what the ledger's schema, an int64, has room for."""


def fenced(desired: Manifest, observed: Observed) -> tuple[Manifest, ...]:
    """The JSON patch from what was seen to what should be; empty for what carries no lease."""
    if not _is_lent(desired):
        return ()
    return (*_fence(observed), *_metadata(desired, observed), *_hard(desired))


def is_overtaken(desired: Manifest, observed: Observed) -> bool:
    """Whether what is there was written from a later ledger than what should be."""
    return _is_lent(desired) and generation_of(observed.body) > generation_of(desired)


def generation_of(quota: Manifest) -> int:
    """Of the grant that a ResourceQuota was written from; 0 when it says none, or nonsense."""
    lease = quota["metadata"].get("annotations", {}).get(LEASE_ANNOTATION, "")
    return int(lease) if lease.isdecimal() and len(lease) <= _MOST_DIGITS else 0


def _is_lent(desired: Manifest) -> bool:
    annotations = desired["metadata"].get("annotations", {})
    return desired["kind"] == "ResourceQuota" and LEASE_ANNOTATION in annotations


def _fence(observed: Observed) -> Iterator[Manifest]:
    metadata = observed.body["metadata"]
    seen = metadata.get("annotations", {}).get(LEASE_ANNOTATION)
    if seen is not None:
        yield _operation("test", f"/metadata/annotations/{_escaped(LEASE_ANNOTATION)}", seen)
        return
    # One from before leases, or somebody else's: its amounts are all there is to tell it by.
    yield _operation("test", "/metadata/uid", observed.uid)
    yield _operation("test", "/spec/hard", observed.body.get("spec", {}).get("hard"))


def _metadata(desired: Manifest, observed: Observed) -> Iterator[Manifest]:
    for part, own in (
        ("labels", observed.own_labels),
        ("annotations", observed.own_annotations),
    ):
        wanted = desired["metadata"].get(part, {})
        present = observed.body["metadata"].get(part)
        if present is None:
            yield _operation("add", f"/metadata/{part}", {})
        for key, value in wanted.items():
            if (present or {}).get(key) != value:
                yield _operation("add", f"/metadata/{part}/{_escaped(key)}", value)
        for key in sorted(own & (present or {}).keys() - wanted.keys()):
            yield {"op": "remove", "path": f"/metadata/{part}/{_escaped(key)}"}


def _hard(desired: Manifest) -> Iterator[Manifest]:
    for name, value in desired["spec"].items():
        yield _operation("add", f"/spec/{name}", value)


def _operation(verb: str, path: str, value: object) -> Manifest:
    return {"op": verb, "path": path, "value": value}


def _escaped(key: str) -> str:
    """As a JSON pointer has it (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
