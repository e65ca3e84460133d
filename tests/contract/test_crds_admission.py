"""What the API server admits, the models must be able to read: a Tenant that the operator cannot
parse is a Tenant without isolation.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kubernetes
import pytest

from generate import examples
from tenantry.api.kinds import TENANT
from tenantry.api.tenant import TenantSpec

Steps = tuple[str | int, ...]

REFUSALS = (400, 422)
ODD_TEXTS = ("\u00a0", "\u0663", "\u00e9", "\n", " ", "/")
ODD_VALUES: tuple[Any, ...] = (-1, 10**18, 1.5, True, None, "", "1e3", [], {})


def leaves(value: Any, path: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for step, each in inner:
            yield from leaves(each, (*path, step))
    else:
        yield path, value


def field_of(path: Steps) -> tuple[str, ...]:
    """The last two names of a path: what is the same here is of one type."""
    return tuple(step for step in path if isinstance(step, str))[-2:]


def replaced(value: Any, path: Steps, leaf: Any) -> Any:
    if not path:
        return leaf
    made = value.copy()
    made[path[0]] = replaced(value[path[0]], path[1:], leaf)
    return made


def odd_specs() -> Iterator[dict[str, Any]]:
    """The full example's spec with one value replaced by odd neighbours or by another type."""
    spec = examples.document(TENANT)["spec"]
    fields = {field_of(path): (path, value) for path, value in leaves(spec)}
    for path, value in fields.values():
        odd = [*ODD_VALUES]
        if isinstance(value, str):
            middle = len(value) // 2
            odd += [value[:middle] + text + value[middle:] for text in ODD_TEXTS]
            odd.append(value + "\n")
        for leaf in odd:
            yield replaced(spec, path, leaf)


@pytest.fixture
def admitted_as(admin: Path, established: str) -> Iterator[Callable[[Any], Any]]:
    """Asks the API server what it would store for a spec; None if it refuses."""
    del established
    where = (TENANT.group, TENANT.version, TENANT.plural)
    client = kubernetes.config.new_client_from_config(str(admin))  # type: ignore[no-untyped-call]
    api = kubernetes.client.CustomObjectsApi(client)

    def stored(spec: Any) -> Any:
        manifest = {
            "apiVersion": TENANT.api_version,
            "kind": TENANT.kind,
            "metadata": {"name": "odd"},
            "spec": spec,
        }
        try:
            return api.create_cluster_custom_object(*where, manifest, dry_run="All")
        except kubernetes.client.ApiException as refusal:
            if refusal.status not in REFUSALS:
                raise
            return None

    with client:
        yield stored


def unread(stored: Any) -> str:
    """Why the model cannot read what the API server stores; empty if it can."""
    try:
        TenantSpec.model_validate(stored["spec"])
    except ValueError as problem:
        return str(problem)
    return ""


def test_what_the_server_admits_the_model_reads(admitted_as: Callable[[Any], Any]) -> None:
    admitted = [stored for spec in odd_specs() if (stored := admitted_as(spec))]

    assert len(admitted) > 100
    assert [problem for stored in admitted if (problem := unread(stored))] == []
