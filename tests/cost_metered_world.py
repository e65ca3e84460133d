"""A small cluster in manifests, its truth in numbers, and a store that is no more than a dict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any, Final

from tenantry.api.base import Manifest
from tenantry.cost.known import Row
from tenantry.cost.ledger import Ledger, Settlement
from tenantry.cost.lives import Charges, Life

EPOCH: Final = int(datetime(2026, 10, 24, 20, 30, tzinfo=UTC).timestamp())
"""In Europe, summer time ends in the night after it; and it is a week before the month ends."""
VERSIONS: Final = count(1)


def at(second: int) -> str:
    """A time as the API writes it."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def namespace(name: str, tenant: str = "", *, second: int = EPOCH) -> Manifest:
    labels = {"tenantry.io/tenant": tenant} if tenant else {}
    return _object("Namespace", name, second, labels=labels)


def node(name: str, labels: Mapping[str, str] | None = None, **capacity: str) -> Manifest:
    made = _object("Node", name, EPOCH, labels=dict(labels or {}))
    return made | {"status": {"capacity": capacity or {"cpu": "4", "memory": "8Gi"}}}


def _object(kind: str, name: str, second: int, **metadata: Any) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {
            "name": name,
            "uid": f"{kind}-{name}",
            "resourceVersion": str(next(VERSIONS)),
            "creationTimestamp": at(second),
            **metadata,
        },
    }


def pod(name: str, **state: Any) -> Manifest:
    """A pod in a state of its life.

    ``start``, ``end`` and ``asked`` are seconds, ``cpu`` a quantity.
    """
    start, end, asked = state.get("start"), state.get("end"), state.get("asked")
    fields = [{"manager": "kubelet", "subresource": "status", "time": at(start or EPOCH)}]
    if asked is not None:
        fields.append({"manager": "kubectl", "subresource": "resize", "time": at(asked)})
    if end is not None:
        fields.append({"manager": "kubelet", "subresource": "status", "time": at(end)})
    metadata = {
        "namespace": state.get("namespace", "acme-web"),
        "uid": state.get("uid", f"pod-{name}"),
        "labels": state.get("labels", {}),
        "managedFields": fields,
    }
    container = {
        "name": "main",
        "resources": {"requests": {"cpu": state.get("cpu", "1"), "memory": "1Gi"}},
    }
    made = _object("Pod", name, state.get("created", start or EPOCH), **metadata)
    made["spec"] = {"containers": [container]}
    made["status"] = status = {"phase": "Pending"}
    if start is not None:
        made["spec"]["nodeName"] = state.get("node", "node-a")
        scheduled = {"type": "PodScheduled", "status": "True", "lastTransitionTime": at(start)}
        status |= {"phase": "Running", "conditions": [scheduled]}
    if end is not None:
        terminated = {"terminated": {"finishedAt": at(end)}}
        status |= {
            "phase": "Succeeded",
            "containerStatuses": [{"name": "main", "state": terminated}],
        }
    return made


@dataclass
class Books:
    """A store that is killed and opened again with a word: what is committed stays."""

    since: int = EPOCH
    until: int = EPOCH
    charges: Charges = field(default_factory=dict)
    used: Charges = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)

    def ledger(self) -> Ledger:
        """What a process that has just started goes on from."""
        started = Ledger(self.since, self.until)
        started.restore(row for row in self.rows.values() if not row.is_over)
        return started

    def recall(self, ledger: Ledger) -> None:
        names = ledger.fresh()
        lives: dict[str, Life] = {name: self.rows[name].life for name in names if name in self.rows}
        ledger.recall(names, lives)

    def write(self, settlement: Settlement) -> None:
        for mine, more in ((self.charges, settlement.charges), (self.used, settlement.used)):
            for key, units in more.items():
                mine[key] = mine.get(key, Decimal()) + units
        self.rows |= {
            row.name: Row.decoded(
                row.name, row.key, row.version, row.encoded(), is_over=row.is_over
            )
            for row in settlement.rows
        }
        self.until = settlement.until

    def settled(self, ledger: Ledger, until: int) -> Settlement:
        """Recall, settle, write and commit."""
        self.recall(ledger)
        settlement = ledger.settle(until)
        self.write(settlement)
        ledger.committed(settlement)
        return settlement

    def nonzero(self) -> Charges:
        return {key: units for key, units in self.charges.items() if units}
