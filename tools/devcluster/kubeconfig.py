"""Kubeconfig files: where the API server is, whom to trust, and who one is.

Everything is inline, so that a file can be copied anywhere.
"""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from devcluster.certificates import Pair

NAME: Final = "devcluster"


def with_certificate(pair: Pair) -> dict[str, str]:
    """Give the credentials of a client certificate."""
    return {
        "client-certificate-data": encoded(pair.certificate),
        "client-key-data": encoded(pair.key),
    }


def with_token(token: str) -> dict[str, str]:
    """Give the credentials of a service-account token."""
    return {"token": token}


def write(
    path: Path, url: str, authority: Path, user: dict[str, str], namespace: str = "default"
) -> Path:
    """Write a kubeconfig that only its owner can read.

    Args:
        path: Its file.
        url: The API server.
        authority: The certificate of the authority that signs for the API server.
        user: The credentials, from `with_certificate` or `with_token`.
        namespace: The context's namespace.

    Returns:
        `path`.
    """
    cluster = {"server": url, "certificate-authority-data": encoded(authority)}
    content: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": NAME, "cluster": cluster}],
        "users": [{"name": NAME, "user": user}],
        "contexts": [
            {"name": NAME, "context": {"cluster": NAME, "user": NAME, "namespace": namespace}}
        ],
        "current-context": NAME,
    }
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        yaml.safe_dump(content, file, sort_keys=False)
    return path


def encoded(path: Path) -> str:
    """Give a file's content as kubeconfigs carry it."""
    return base64.b64encode(path.read_bytes()).decode()
