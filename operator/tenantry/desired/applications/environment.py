"""Variables of a container's environment."""

from tenantry.api.base import Manifest
from tenantry.api.containers import EnvFromSource, EnvVar, EnvVarSource, KeySelector


def variable(given: EnvVar) -> Manifest:
    """One entry of ``env``; the API server stores no empty value."""
    made: Manifest = {"name": given.name}
    if given.value_from is not None:
        made["valueFrom"] = _source(given.value_from)
    elif given.value:
        made["value"] = given.value
    return made


def variables_from(given: EnvFromSource) -> Manifest:
    """One entry of ``envFrom``."""
    made: Manifest = {}
    for kind, reference in (
        ("configMapRef", given.config_map_ref),
        ("secretRef", given.secret_ref),
    ):
        if reference is not None:
            optional = {"optional": True} if reference.optional else {}
            made[kind] = {"name": reference.name} | optional
    return made | ({"prefix": given.prefix} if given.prefix else {})


def _source(given: EnvVarSource) -> Manifest:
    if given.field_ref is not None:
        return {"fieldRef": {"apiVersion": "v1", "fieldPath": given.field_ref.field_path}}
    if given.secret_key_ref is not None:
        return {"secretKeyRef": _key(given.secret_key_ref)}
    if given.config_map_key_ref is not None:
        return {"configMapKeyRef": _key(given.config_map_key_ref)}
    return {}


def _key(given: KeySelector) -> Manifest:
    made: Manifest = {"key": given.key, "name": given.name}
    return made | ({"optional": True} if given.optional else {})
