"""What the API server can answer instead of what was asked for.

One tree, translated from status codes in one place (``error_for``):

    ApiError
    ├── NotFound          404  the object, its namespace or its kind is not there
    ├── Conflict          409  it has changed since it was read
    │   └── AlreadyExists 409  somebody made it first
    ├── Gone              410  the list or watch it continues has expired
    ├── Forbidden         403  RBAC, quota or an admission policy says no
    ├── Rejected          400, 405, 413, 415, 422  it will never be accepted as it is
    ├── Throttled         429, 503 with Retry-After  later
    ├── ServerError       500 and above  the API server failed
    ├── Unreachable       no answer: connection refused, reset, timed out
    └── NotLeading        not sent: this replica does not know that it still leads

``is_transient`` tells what time may heal from what needs a person.
"""

from http import HTTPStatus
from typing import Any

import orjson


class ApiError(Exception):
    """The API server did not do what was asked.

    Attributes:
        code: HTTP status, 0 when there was no answer.
        reason: the ``reason`` of the Status object, a CamelCase word.
        details: the ``details`` of the Status object, empty when there were none.
    """

    is_transient = False

    def __init__(
        self,
        message: str,
        *,
        code: int = 0,
        reason: str = "",
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason or type(self).__name__
        self.details = details or {}


class NotFound(ApiError):  # noqa: N818 - the API's own word
    """The object, its namespace or its kind is not there."""


class Conflict(ApiError):  # noqa: N818
    """The object has changed since it was read, or another manager owns the field."""

    is_transient = True


class AlreadyExists(Conflict):
    """Somebody made it first."""


class Gone(ApiError):  # noqa: N818
    """The list that was being continued has expired."""

    is_transient = True


class Forbidden(ApiError):  # noqa: N818
    """RBAC, a quota or an admission policy says no."""


class Rejected(ApiError):  # noqa: N818
    """It will never be accepted as it is."""


class Throttled(ApiError):  # noqa: N818
    """The API server asks for patience.

    Attributes:
        retry_after: seconds to wait, as the server said.
    """

    is_transient = True
    retry_after: float = 1.0


class ServerError(ApiError):
    """The API server, or what it depends on, failed."""

    is_transient = True


class Unreachable(ApiError):  # noqa: N818
    """No answer came: refused, reset or timed out. The write may or may not have happened."""

    is_transient = True


class NotLeading(ApiError):  # noqa: N818
    """It was not sent, for the lease may be another's by now; the process is about to end."""

    is_transient = True


class WentBack(Exception):  # noqa: N818 - reads as what happened
    """The API server's state is older than what is known: etcd was restored from a backup.

    Resource versions tell nothing any more, and what is known may never have been. There is nothing
    to do but to start afresh: the process must end.
    """

    def __init__(self) -> None:
        super().__init__("the API server has gone back to an older state, so all is read anew")


def check_order(version: int, known: int) -> int:
    """Give a resource version, unless it is older than one that was known before it.

    Raises:
        WentBack: it is.
    """
    if 0 < version < known:
        raise WentBack
    return version


_BY_CODE: dict[int, type[ApiError]] = {
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.GONE: Gone,
    HTTPStatus.TOO_MANY_REQUESTS: Throttled,
}


def error_for(code: int, status: dict[str, Any], retry_after: str | None = None) -> ApiError:
    """The exception for an answer that is not a success.

    Args:
        code: the HTTP status.
        status: the body, a ``Status`` object (or empty, if it was none).
        retry_after: the ``Retry-After`` header, in seconds.
    """
    reason = str(status.get("reason") or "")
    message = str(status.get("message") or f"HTTP {code}")
    kind = _BY_CODE.get(code)
    if kind is None:
        kind = ServerError if code >= HTTPStatus.INTERNAL_SERVER_ERROR else Rejected
    if kind is Conflict and reason == "AlreadyExists":
        kind = AlreadyExists
    if retry_after is not None and kind is ServerError:
        kind = Throttled
    error = kind(message, code=code, reason=reason, details=status.get("details"))
    if isinstance(error, Throttled) and retry_after is not None:
        error.retry_after = _seconds(retry_after)
    return error


def body_of(payload: bytes) -> dict[str, Any]:
    """The Status object that came with an error, as far as there was one."""
    try:
        answer = orjson.loads(payload)
    except orjson.JSONDecodeError:  # plain text, or the page of a proxy in between
        return {"message": payload[:200].decode(errors="replace")}
    return answer if isinstance(answer, dict) else {}


def _seconds(retry_after: str) -> float:
    try:
        return max(0.0, float(retry_after))
    except ValueError:  # an HTTP date, which the API server never sends: any patience will do
        return Throttled.retry_after
