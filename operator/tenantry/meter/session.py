"""A token in a request: in its header, as programs send it, or in a cookie, as browsers do.

Kubernetes gives browsers no way to sign in. So people hand the page a token once, and it comes back
with every request in a cookie that no script reads, no other site can have sent, and nothing but
TLS (or this machine itself) carries. The meter keeps none.
"""

from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

COOKIE: Final = "tenantry-token"
_SCHEME: Final = "bearer "


def token_of(request: web.Request) -> str:
    """The token that a request brings; empty if none. A header goes before a cookie."""
    header = request.headers.get("Authorization", "")
    if header[: len(_SCHEME)].lower() == _SCHEME:
        return header[len(_SCHEME) :].strip()
    return "" if header else request.cookies.get(COOKIE, "")


def remember(response: web.StreamResponse, token: str) -> None:
    """Have the browser bring a token until it is closed."""
    response.set_cookie(COOKIE, token, httponly=True, secure=True, samesite="Strict", path="/")


def forget(response: web.StreamResponse) -> None:
    """Have the browser forget it."""
    response.del_cookie(COOKIE, httponly=True, secure=True, samesite="Strict", path="/")


def is_from_elsewhere(request: web.Request) -> bool:
    """Whether another site sent a form here: who signs in, and as whom, is for people to choose.

    https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host
