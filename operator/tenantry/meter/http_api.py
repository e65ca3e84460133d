"""Costs over HTTP: who asks is found out first, what they may see next, and only then is reckoned.

A report of one tenant and one of all are different questions, and nothing but the one word
``tenant`` decides which; it comes from the query, once, and what is asked of Kubernetes and what is
reckoned are the same value. Every answer says that nobody may keep it and that it may load nothing.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from aiohttp import web

from tenantry.cluster.errors import ApiError
from tenantry.cost.billing import SeveralCurrenciesError
from tenantry.cost.consumption import PARTS
from tenantry.cost.focus import Issuer
from tenantry.cost.formats import to_csv, to_json
from tenantry.cost.inquiry import BadInquiryError, Inquiry, Records, answer, data_set
from tenantry.cost.page import costs_page
from tenantry.cost.sources import Source
from tenantry.cost.store import StoreError
from tenantry.meter.access import Access, NotAuthenticatedError
from tenantry.meter.openapi import COSTS, FORMATS, WORDS, openapi
from tenantry.meter.reports import Reports, TooBusyError
from tenantry.meter.session import token_of
from tenantry.telemetry.logging import get_logger

log = get_logger(__name__)

NOTHING: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""The policy of what is no page."""
LONGEST: Final = timedelta(days=366)
"""What is reckoned at once, by tenant. A charge takes half a kilobyte: of a thousand tenants, each
day has some thousand of them."""
LONGEST_DETAILED: Final = timedelta(days=62)
"""The same where applications, components or workloads are told apart: two months."""
_DETAILS: Final = frozenset(PARTS) - {"tenant"}
_PATIENCE: Final = {"Retry-After": "5"}
_KEPT_BY_NOBODY: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}

Handler = Callable[[web.Request], Awaitable[web.Response]]


class RefusedError(Exception):
    """What was asked is not answered; the message says why, and what to do.

    Args:
        status: of HTTP.
        message: for who asked.
        headers: of the answer.
    """

    def __init__(
        self, status: HTTPStatus, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or {}


class CostApi:
    """The routes.

    Args:
        access: says who may see what.
        reports: makes them.
        version: of Tenantry.
    """

    def __init__(self, access: Access, reports: Reports, version: str) -> None:
        self._access, self._reports = access, reports
        self._document = openapi(version)

    def add_to(self, application: web.Application) -> None:
        """Serve them."""
        application.router.add_get(COSTS, self._costs)
        application.router.add_get("/api/v1/openapi.json", self._openapi)

    async def _openapi(self, _: web.Request) -> web.Response:
        return text_of(json.dumps(self._document, indent=2), FORMATS["json"])

    async def _costs(self, request: web.Request) -> web.Response:
        try:
            words = words_of(request, WORDS)
            form = _form(words.pop("format", "json"))
            issuer = Issuer(account=words.pop("account", Issuer().account))
            inquiry = await self.allowed(request, words, is_detailed=form == "focus")
            written = await self.made(inquiry, _WRITTEN[form](inquiry, issuer))
        except RefusedError as refused:
            body = json.dumps({"error": str(refused)}) + "\n"
            response = text_of(body, FORMATS["json"], refused.status)
            response.headers.update(refused.headers)
            return response
        return _attached(text_of(written, FORMATS[form]), form)

    async def allowed(
        self, request: web.Request, words: dict[str, str], *, is_detailed: bool = False
    ) -> Inquiry:
        """What somebody asks, if they may.

        Args:
            request: brings the token.
            words: of the inquiry.
            is_detailed: whether everything is told apart, whatever they say.

        Raises:
            RefusedError: they may not, it makes no sense, or nobody can tell.
        """
        try:
            person = await self._access.person(token_of(request) or _missing())
            inquiry = _understood(words, is_detailed=is_detailed)
            if not await self._access.may_see(person, inquiry.tenant):
                log.info("costs refused", user=person.name, tenant=inquiry.tenant)
                raise RefusedError(HTTPStatus.FORBIDDEN, _FORBIDDEN[bool(inquiry.tenant)])
        except NotAuthenticatedError as problem:
            challenge = {"WWW-Authenticate": 'Bearer realm="tenantry"'}
            raise RefusedError(HTTPStatus.UNAUTHORIZED, str(problem), challenge) from problem
        except ApiError as problem:
            log.warning("nobody could say who may see costs", cause=str(problem))
            message = "Kubernetes does not say who may see this: ask again in a few seconds"
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, message, _PATIENCE) from problem
        return inquiry

    async def made(self, inquiry: Inquiry, what: Callable[[Records, Source], str]) -> str:
        """What is answered to somebody who may ask.

        Raises:
            RefusedError: it cannot be reckoned.
        """
        try:
            return await self._reports.make(what)
        except BadInquiryError as problem:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"{problem.word}: {problem}") from problem
        except SeveralCurrenciesError as problem:
            raise RefusedError(HTTPStatus.CONFLICT, str(problem)) from problem
        except TooBusyError as problem:
            code = HTTPStatus.SERVICE_UNAVAILABLE
            raise RefusedError(code, str(problem), _PATIENCE) from problem
        except (ApiError, StoreError) as problem:
            log.warning("no report", cause=str(problem), tenant=inquiry.tenant)
            message = "Kubernetes or the database does not answer: ask again in a few seconds"
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, message, _PATIENCE) from problem


_FORBIDDEN: Final = {
    True: "you may not see what this tenant costs: that takes the right to get its Tenant",
    False: "you may not see what all tenants cost, which takes the right to list Tenants: name one "
    "whose Tenant you may get, tenant=NAME",
}


def _missing() -> str:
    raise NotAuthenticatedError(
        "bring a token that the API server accepts: 'Authorization: Bearer TOKEN'; one of a "
        "ServiceAccount is made by 'kubectl create token NAME'"
    )


def _form(said: str) -> str:
    if said not in FORMATS:
        message = f"format: {said!r} is none of {', '.join(FORMATS)}"
        raise RefusedError(HTTPStatus.BAD_REQUEST, message)
    return said


def _attached(response: web.Response, form: str) -> web.Response:
    """A file to keep, where it is one: it is never shown as a page of this host."""
    if form != "json":
        ending = "html" if form == "html" else "csv"
        response.headers["Content-Disposition"] = f'attachment; filename="costs.{ending}"'
    return response


def _understood(words: dict[str, str], *, is_detailed: bool) -> Inquiry:
    try:
        found = Inquiry.of(words, datetime.now(UTC))
    except BadInquiryError as problem:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"{problem.word}: {problem}") from problem
    is_detailed = is_detailed or not _DETAILS.isdisjoint(found.by) or bool(found.application)
    longest = LONGEST_DETAILED if is_detailed else LONGEST
    if found.window.end - found.window.start > longest:
        message = (
            f"window: at most {longest.days} days of this at once, for the meter's memory is "
            "bounded: ask for less, or 'tenantry cost' on a machine of your own"
        )
        raise RefusedError(HTTPStatus.BAD_REQUEST, message)
    return found


def words_of(request: web.Request, known: tuple[str, ...]) -> dict[str, str]:
    """The parameters of a request, each known and said once.

    Raises:
        RefusedError: one is not.
    """
    words: dict[str, str] = {}
    for word, said in request.query.items():
        if word not in known:
            message = f"{word!r} is no parameter: write {', '.join(known)}"
            raise RefusedError(HTTPStatus.BAD_REQUEST, message)
        if word in words:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"{word} is said twice: say it once")
        words[word] = said
    return words


def text_of(
    body: str, media_type: str, status: HTTPStatus = HTTPStatus.OK, policy: str = NOTHING
) -> web.Response:
    """An answer that nobody keeps, and that may load what its policy says."""
    headers = _KEPT_BY_NOBODY | {"Content-Security-Policy": policy}
    response = web.Response(
        text=body, content_type=media_type, charset="utf-8", status=status, headers=headers
    )
    response.enable_compression()
    return response


Written = Callable[[Inquiry, Issuer], Callable[[Records, Source], str]]


def _json(inquiry: Inquiry, _: Issuer) -> Callable[[Records, Source], str]:
    return lambda store, source: to_json(answer(inquiry, store, source))


def _csv(inquiry: Inquiry, _: Issuer) -> Callable[[Records, Source], str]:
    return lambda store, source: to_csv(answer(inquiry, store, source))


def _focus(inquiry: Inquiry, issuer: Issuer) -> Callable[[Records, Source], str]:
    return lambda store, source: data_set(inquiry, store, source, issuer)


def _html(inquiry: Inquiry, _: Issuer) -> Callable[[Records, Source], str]:
    def made(store: Records, source: Source) -> str:
        return costs_page(answer(inquiry, store, source), inquiry, source).html

    return made


_WRITTEN: Final[dict[str, Written]] = {
    "json": _json,
    "csv": _csv,
    "focus": _focus,
    "html": _html,
}
