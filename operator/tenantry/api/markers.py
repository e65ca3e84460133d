"""What a Kubernetes schema can say that JSON Schema cannot: CEL rules and list types.

Models put these beside the field they speak of, through ``json_schema_extra``; ``structural``
carries them into the CRD unchanged. They are the markers that ``+kubebuilder:validation`` and
``+listType`` are for Go types.
"""

from typing import Any


def rule(expression: str, message: str = "", *, message_expression: str = "") -> dict[str, str]:
    """One CEL rule of ``x-kubernetes-validations``.

    Args:
        expression: what must be true; ``self`` is the value, ``oldSelf`` what it was.
        message: what to write instead, for the person whose manifest was refused.
        message_expression: a CEL string expression, where the message should name the value.

    See https://kubernetes.io/docs/reference/using-api/cel/.
    """
    made = {"rule": expression}
    if message:
        made["message"] = message
    if message_expression:
        made["messageExpression"] = message_expression
    return made


def rules(*validations: dict[str, str]) -> dict[str, Any]:
    """CEL rules for a field or a model, as ``json_schema_extra``."""
    return {"x-kubernetes-validations": list(validations)}


def list_map(*keys: str, validations: tuple[dict[str, str], ...] = ()) -> dict[str, Any]:
    """A list whose items are merged by these keys under server-side apply."""
    made: dict[str, Any] = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [*keys]}
    return made | (rules(*validations) if validations else {})


def list_set(*validations: dict[str, str]) -> dict[str, Any]:
    """A list of scalars without duplicates, merged by value under server-side apply."""
    made: dict[str, Any] = {"x-kubernetes-list-type": "set"}
    return made | (rules(*validations) if validations else {})


def list_atomic(*validations: dict[str, str]) -> dict[str, Any]:
    """A list that has one owner under server-side apply."""
    made: dict[str, Any] = {"x-kubernetes-list-type": "atomic"}
    return made | (rules(*validations) if validations else {})


def map_atomic(*validations: dict[str, str]) -> dict[str, Any]:
    """A map or object that has one owner under server-side apply."""
    made: dict[str, Any] = {"x-kubernetes-map-type": "atomic"}
    return made | (rules(*validations) if validations else {})
