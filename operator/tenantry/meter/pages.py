"""The pages: costs for people in a browser, where to sign in, and what the HTTP API is like.

They ask for the same as the API by the same words, and go the same way to it (``http_api``). A page
that needs what is missing asks for it: a token, or whose costs.
"""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web
from yarl import URL

from tenantry.cost.inquiry import DEFAULTS, Records, answer
from tenantry.cost.page import costs_page, render
from tenantry.cost.sources import Source
from tenantry.meter.http_api import CostApi, RefusedError, text_of, words_of
from tenantry.meter.openapi import openapi
from tenantry.meter.session import forget, is_from_elsewhere, remember

_HTML: Final = "text/html"
_LONGEST: Final = 7000
"""Characters of a token: browsers keep cookies of 4 KiB, and no server takes longer headers than
8 KiB."""


class CostPages:
    """The routes.

    Args:
        api: says who may see what, and makes reports.
        version: of Tenantry.
    """

    def __init__(self, api: CostApi, version: str) -> None:
        self._api, self._document = api, openapi(version)

    def add_to(self, application: web.Application) -> None:
        """Serve them, and the API."""
        self._api.add_to(application)
        application.router.add_get("/", self._costs)
        application.router.add_get("/api", self._about)
        application.router.add_post("/sign-in", self._sign_in)
        application.router.add_post("/sign-out", self._sign_out)

    async def _about(self, _: web.Request) -> web.Response:
        return _page("api", document=self._document)

    async def _costs(self, request: web.Request) -> web.Response:
        try:
            words = words_of(request, tuple(DEFAULTS))
            inquiry = await self._api.allowed(request, words)
            policy = ""

            def made(store: Records, source: Source) -> str:
                nonlocal policy
                report = answer(inquiry, store, source)
                page = costs_page(report, inquiry, source, words)
                policy = page.policy
                return page.html

            html = await self._api.made(inquiry, made)
        except RefusedError as refused:
            return _asked(refused, request)
        return text_of(html, _HTML, policy=policy)

    async def _sign_in(self, request: web.Request) -> web.Response:
        if is_from_elsewhere(request):
            return _problem(HTTPStatus.FORBIDDEN, "sign in on this page, not from another site")
        form = await request.post()
        token, to = str(form.get("token", "")).strip(), str(form.get("to", ""))
        if not token or len(token) > _LONGEST or not (token.isascii() and token.isprintable()):
            return _problem(HTTPStatus.BAD_REQUEST, "this is no token: copy it as a whole")
        # Where to is a query of this page and nothing else, so that nobody is led away.
        response = _sent(f"/?{to}".removesuffix("?"))
        remember(response, token)
        return response

    async def _sign_out(self, request: web.Request) -> web.Response:
        if is_from_elsewhere(request):
            return _problem(HTTPStatus.FORBIDDEN, "sign out on this page, not from another site")
        response = _sent("/")
        forget(response)
        return response


def _sent(to: str) -> web.Response:
    headers = {"Location": str(URL(to)), "Cache-Control": "no-store"}
    return web.Response(status=HTTPStatus.SEE_OTHER, headers=headers)


def _asked(refused: RefusedError, request: web.Request) -> web.Response:
    """A page that asks for what is missing."""
    code = refused.status
    if code == HTTPStatus.UNAUTHORIZED:
        to = urlencode(request.query)
        has_token = "Cookie" in request.headers or "Authorization" in request.headers
        message = str(refused) if has_token else ""
        response = _page("sign-in", code, title="Sign in", asks="token", message=message, to=to)
    else:
        title = "Whose costs?" if code == HTTPStatus.FORBIDDEN else "This cannot be shown"
        response = _problem(code, str(refused), title)
    response.headers.update(refused.headers)
    return response


def _problem(status: HTTPStatus, message: str, title: str = "This cannot be done") -> web.Response:
    return _page("sign-in", status, title=title, asks="tenant", message=message)


def _page(template: str, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> web.Response:
    made = render(template, **values)
    return text_of(made.html, _HTML, status, made.policy)
