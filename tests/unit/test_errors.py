import pytest

from tenantry.cluster.errors import (
    AlreadyExists,
    ApiError,
    Conflict,
    Forbidden,
    Gone,
    NotFound,
    Rejected,
    ServerError,
    Throttled,
    Unreachable,
    error_for,
)


@pytest.mark.parametrize(
    ("code", "reason", "expected", "is_transient"),
    [
        (400, "BadRequest", Rejected, False),
        (401, "Unauthorized", Rejected, False),
        (403, "Forbidden", Forbidden, False),
        (404, "NotFound", NotFound, False),
        (405, "MethodNotAllowed", Rejected, False),
        (409, "Conflict", Conflict, True),
        (409, "AlreadyExists", AlreadyExists, True),
        (410, "Expired", Gone, True),
        (413, "RequestEntityTooLarge", Rejected, False),
        (415, "UnsupportedMediaType", Rejected, False),
        (422, "Invalid", Rejected, False),
        (429, "TooManyRequests", Throttled, True),
        (500, "InternalError", ServerError, True),
        (503, "ServiceUnavailable", ServerError, True),
        (504, "Timeout", ServerError, True),
    ],
)
def test_an_answer_becomes_the_error_that_says_what_time_can_do(
    code: int,
    reason: str,
    expected: type[ApiError],
    is_transient: bool,  # noqa: FBT001
) -> None:
    error = error_for(code, {"reason": reason, "message": "why"})

    assert type(error) is expected
    assert (error.code, error.reason, str(error)) == (code, reason, "why")
    assert error.is_transient is is_transient


def test_no_answer_at_all_may_be_healed_by_time() -> None:
    error = Unreachable("GET /x: timed out")

    assert (error.code, error.reason, error.is_transient) == (0, "Unreachable", True)


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("0.5", 0.5), ("-3", 0.0)])
def test_patience_is_as_long_as_the_server_asks_for(header: str, seconds: float) -> None:
    error = error_for(429, {}, header)

    assert isinstance(error, Throttled)
    assert error.retry_after == seconds


def test_patience_has_a_default() -> None:
    unsaid, dated = error_for(429, {}), error_for(429, {}, "Fri, 31 Dec 2027 23:59:59 GMT")

    assert isinstance(unsaid, Throttled)
    assert isinstance(dated, Throttled)
    assert unsaid.retry_after == dated.retry_after == 1.0


def test_a_server_that_is_down_and_says_for_how_long_asks_for_patience() -> None:
    error = error_for(503, {"message": "apiserver not ready"}, "2")

    assert isinstance(error, Throttled)
    assert error.retry_after == 2


def test_an_answer_without_a_status_still_says_something() -> None:
    error = error_for(502, {})

    assert (str(error), error.reason, error.details) == ("HTTP 502", "ServerError", {})


def test_details_are_kept() -> None:
    details = {"kind": "clusterroles", "name": "x"}

    assert error_for(404, {"details": details}).details == details
