"""How Flux, Helm and ``kubectl wait``-like tools read a custom resource's status: kstatus.

The rules for kinds that kstatus has no special rules for, as its package describes them:
https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md. An object that is
being deleted is Terminating; one whose observedGeneration is behind is InProgress; then the
conditions Reconciling and Stalled decide if they are True, then Ready, and without any of them an
object passes for Current.
"""

from typing import Literal

from tenantry.api.base import Manifest

Verdict = Literal["Current", "InProgress", "Failed", "Terminating"]


def kstatus(manifest: Manifest) -> Verdict:
    """What such a tool makes of an object."""
    metadata, status = manifest["metadata"], manifest.get("status", {})
    if "deletionTimestamp" in metadata:
        return "Terminating"
    if status.get("observedGeneration", metadata["generation"]) != metadata["generation"]:
        return "InProgress"
    conditions = {one["type"]: one["status"] for one in status.get("conditions", ())}
    if conditions.get("Reconciling") == "True":
        return "InProgress"
    if conditions.get("Stalled") == "True":
        return "Failed"
    return "Current" if conditions.get("Ready", "True") == "True" else "InProgress"
