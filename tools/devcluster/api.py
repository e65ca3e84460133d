"""The few requests that starting a cluster takes, as JSON over one connection pool.

Not the project's own client: this package tests that one. Not the official client: importing it
takes a second of a start that has five.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import urllib3

from devcluster.errors import DevClusterError

if TYPE_CHECKING:
    from devcluster.certificates import Pair
    from devcluster.layout import Layout

HEALTH: Final = 2.0
"""Seconds in which a healthy program answers on a busy machine; whoever waits asks again."""


class Api:
    """Requests with the administrator's certificate.

    Args:
        url: The API server.
        layout: Where the certificates are.
    """

    def __init__(self, url: str, layout: Layout) -> None:
        self._url = url
        pair: Pair = layout.pair("client-kubeconfig")
        self._pool = urllib3.PoolManager(
            ca_certs=str(layout.pair("ca").certificate),
            cert_file=str(pair.certificate),
            key_file=str(pair.key),
            retries=False,
            timeout=urllib3.Timeout(10),
        )

    def answers(self, path: str, base: str | None = None) -> bool:
        """Tell whether a health path answers 200; one that does not answer at all is not healthy.

        Args:
            path: The path.
            base: Another server than the API server, whose certificate is of the same authority.
        """
        url = f"{base or self._url}{path}"
        try:
            return self._pool.request("GET", url, timeout=HEALTH).status == HTTPStatus.OK
        except urllib3.exceptions.HTTPError:
            return False

    def get(self, path: str) -> dict[str, Any] | None:
        """Read an object or a list; None if there is none."""
        answer = self._pool.request("GET", f"{self._url}{path}")
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        return checked(answer, path)

    def create(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Create an object; it is fine if it exists."""
        answer = self._pool.request("POST", f"{self._url}{path}", json=body)
        if answer.status == HTTPStatus.CONFLICT:
            return body
        return checked(answer, path)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()


def checked(answer: urllib3.BaseHTTPResponse, path: str) -> dict[str, Any]:
    """Give an answer's JSON.

    Raises:
        DevClusterError: The API server refused.
    """
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise DevClusterError(
            f"The API server answered {answer.status} on {path}:\n{answer.data.decode()[:500]}",
            "See the API server's log.",
        )
    content: dict[str, Any] = json.loads(answer.data)
    return content
