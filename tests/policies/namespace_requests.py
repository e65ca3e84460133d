"""What people ask of namespaces, and what they hear."""

from typing import Any, Final

from tenantry.api.base import Manifest

TENANT: Final = "tenantry.io/tenant"
LEVEL: Final = "pod-security.kubernetes.io/enforce"


def labels(**given: Any) -> Manifest:
    """A patch of labels; keys are written with ``__`` for ``/``."""
    return {"metadata": {"labels": {_key(key): value for key, value in given.items()}}}


def annotations(**given: Any) -> Manifest:
    return {"metadata": {"annotations": {_key(key): value for key, value in given.items()}}}


def _key(written: str) -> str:
    prefix, _, name = written.rpartition("__")
    return "/".join(filter(None, (prefix.replace("_", "."), name.replace("_", "-"))))


def of(tenant: str | None) -> Manifest:
    return {"metadata": {"labels": {TENANT: tenant}}}


def made(name: str, tenant: str | None = None, **metadata: Any) -> Manifest:
    """A new Namespace."""
    given = {TENANT: tenant} if tenant is not None else {}
    given |= metadata.pop("labels", {})
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": given} | metadata,
    }


def not_yours(tenant: str, name: str, who: str) -> str:
    return (
        f"tenant {tenant}: namespaces: {name} cannot be put into this tenant by {who}; use a "
        "tenant that you may use, and a name that begins with its prefix"
    )


def kept(keys: str, name: str = "acme-web", tenant: str = "acme") -> str:
    return (
        f"tenant {tenant}: namespaces: change of {keys} on {name}; the operator keeps these as the "
        "Tenant says: change the Tenant"
    )
