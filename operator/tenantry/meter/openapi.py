"""What the HTTP API says of itself, in OpenAPI 3.1: made from the words that it takes.

https://spec.openapis.org/oas/v3.1.0.html
"""

from typing import Any, Final

from tenantry.cost.inquiry import BASES, DEFAULTS, SHARINGS
from tenantry.cost.report import DIMENSIONS
from tenantry.cost.windows import HELP

COSTS: Final = "/api/v1/costs"
FORMATS: Final = {
    "json": "application/json",
    "csv": "text/csv",
    "focus": "text/csv",
    "html": "text/html",
}
"""By the word for it, its media type."""
WORDS: Final = (*DEFAULTS, "format", "account")
"""All parameters."""
_SAID: Final = {
    "tenant": "The Tenant that it is about. Whoever may list Tenants may leave it out: then it is "
    "about all of them, and what is nobody's.",
    "application": "Of the tenant, the Application that it is about.",
    "window": f"Which time, in UTC: {HELP}.",
    "by": f"What to tell apart, with commas: {', '.join(DIMENSIONS)}. By default tenants; "
    "applications of a tenant; components of an application.",
    "basis": "What is charged: requests, usage, or the larger of the two in each hour.",
    "share-idle": "How idle cost is shared; by default as the RateCard says.",
    "format": "csv is a line a row; focus is a FOCUS 1.2 data set, a row a charge and day.",
    "account": "BillingAccountId of a FOCUS data set.",
}
_CHOICES: Final = {"basis": [*BASES], "share-idle": [*SHARINGS], "format": [*FORMATS]}
_USUAL: Final = dict(DEFAULTS) | {"format": "json", "account": "cluster"}
_ERRORS: Final = {
    "400": "A parameter makes no sense; the message says what to write.",
    "401": "There is no token, or Kubernetes does not accept it.",
    "403": "Whose token it is may not see this.",
    "409": "RateCards of several currencies hold in the window: there is no sum.",
    "503": "Kubernetes or the database does not answer, or too many reports are being made.",
}


def openapi(version: str) -> dict[str, Any]:
    """The document.

    Args:
        version: of Tenantry.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Costs of tenants",
            "version": version,
            "description": "What tenants, applications and components cost, as tenantry cost "
            "tells it. Who may see what is asked of Kubernetes: the costs of a tenant are seen by "
            "whoever may get the Tenant, all costs by whoever may list Tenants.",
        },
        "security": [{"token": []}],
        "paths": {COSTS: {"get": _get()}},
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token that the API server accepts, such as one of "
                    "`kubectl create token`.",
                }
            },
            "schemas": {"Report": _REPORT, "Row": _ROW, "Error": _ERROR},
        },
    }


def _get() -> dict[str, Any]:
    return {
        "operationId": "getCosts",
        "summary": "What a window has cost",
        "parameters": [_parameter(word) for word in WORDS],
        "responses": {
            "200": {"description": "The report.", "content": _contents()},
            **{code: _problem(text) for code, text in _ERRORS.items()},
        },
    }


def _contents() -> dict[str, Any]:
    text = {"schema": {"type": "string"}}
    report = {"schema": {"$ref": "#/components/schemas/Report"}}
    return {kind: report if kind == FORMATS["json"] else text for kind in FORMATS.values()}


def _parameter(word: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if word in _CHOICES:
        schema["enum"] = _CHOICES[word]
    if _USUAL[word]:
        schema["default"] = _USUAL[word]
    return {"name": word, "in": "query", "description": _SAID[word], "schema": schema}


def _problem(text: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {"description": text, "content": content}


_TEXT: Final = {"type": "string"}
_AMOUNT: Final = {"type": "string", "description": "A decimal, in the report's currency."}
_AMOUNT_IF_ANY: Final = {"type": ["string", "null"], "description": _AMOUNT["description"]}
_ERROR: Final = {"type": "object", "required": ["error"], "properties": {"error": _TEXT}}
_ROW: Final = {
    "type": "object",
    "description": "Beside these, a name for each of the report's dimensions.",
    "required": ["cost"],
    "properties": {
        "cost": _AMOUNT,
        "before": _AMOUNT_IF_ANY,
        "efficiencyPercent": {"type": ["string", "null"], "description": "Usage by requests."},
        "saving": _AMOUNT_IF_ANY,
        "days": {"type": "object", "additionalProperties": _AMOUNT},
    },
    "additionalProperties": _TEXT,
}
_REPORT: Final = {
    "type": "object",
    "required": ["window", "currency", "total", "before", "parts", "by", "rows", "notes"],
    "properties": {
        "window": {
            "type": "object",
            "properties": {
                "start": {"type": "string", "format": "date-time"},
                "end": {"type": "string", "format": "date-time"},
            },
        },
        "currency": {"type": "string", "description": "ISO 4217 code."},
        "total": _AMOUNT,
        "before": _AMOUNT_IF_ANY,
        "parts": {"type": "object", "additionalProperties": _AMOUNT},
        "by": {"type": "array", "items": _TEXT},
        "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
        "notes": {"type": "array", "items": _TEXT},
    },
}
