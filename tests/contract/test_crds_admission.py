"""What the API server admits, the models must be able to read: a Tenant that the operator cannot
parse is a Tenant without isolation, an Application one that stays as it was.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cluster_api import ClusterApi
from generate import examples
from tenantry.api.crd import Kind
from tenantry.api.kinds import KINDS
from tenantry.api.structural import structural_schema
from tenantry.cluster.errors import Rejected

Steps = tuple[str | int, ...]

ODD_TEXTS = ("\u00a0", "\u0663", "\u00e9", "\n", " ", "/")
ODD_VALUES: tuple[Any, ...] = (-1, 10**18, 1.5, True, None, "", "1e3", [], {})


def leaves(value: Any, path: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for step, each in inner:
            yield from leaves(each, (*path, step))
    else:
        yield path, value


def shape_of(schema: dict[str, Any], path: Steps) -> str:
    """What the schema says of a value, but for words: what is the same here is answered alike."""
    for step in path:
        if isinstance(step, int):
            schema = schema["items"]
        else:
            schema = schema.get("properties", {}).get(step) or schema["additionalProperties"]
    return json.dumps({key: schema[key] for key in schema if key not in ("description", "default")})


def replaced(value: Any, path: Steps, leaf: Any) -> Any:
    if not path:
        return leaf
    made = value.copy()
    made[path[0]] = replaced(value[path[0]], path[1:], leaf)
    return made


def odd_specs(kind: Kind) -> Iterator[dict[str, Any]]:
    """The full example's spec with one value replaced by odd neighbours or by another type."""
    spec = examples.document(kind)["spec"]
    schema = structural_schema(kind.spec)
    shapes = {shape_of(schema, path): (path, value) for path, value in leaves(spec)}
    for path, value in shapes.values():
        odd = [*ODD_VALUES]
        if isinstance(value, str):
            middle = len(value) // 2
            odd += [value[:middle] + text + value[middle:] for text in ODD_TEXTS]
            odd.append(value + "\n")
        for leaf in odd:
            yield replaced(spec, path, leaf)


async def admitted(api: ClusterApi, kind: Kind, specs: Iterable[Any]) -> list[Any]:
    """What the API server would store for each of the specs that it does not refuse."""
    metadata = {"name": "odd"} | ({"namespace": "default"} if kind.scope == "Namespaced" else {})
    found = []
    for spec in specs:
        manifest = {
            "apiVersion": kind.api_version,
            "kind": kind.kind,
            "metadata": metadata,
            "spec": spec,
        }
        with suppress(Rejected):
            found.append(await api.create(manifest, dry_run=True))
    return found


def unread(kind: Kind, stored: Any) -> str:
    """Why the model cannot read what the API server stores; empty if it can."""
    try:
        kind.spec.model_validate(stored["spec"])
    except ValueError as problem:
        return str(problem)
    return ""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
@pytest.mark.usefixtures("established")
async def test_what_the_server_admits_the_model_reads(kind: Kind, admin: Path) -> None:
    async with ClusterApi.connected(admin) as api:
        read = await admitted(api, kind, odd_specs(kind))

    assert len(read) > 30
    assert [problem for stored in read if (problem := unread(kind, stored))] == []
