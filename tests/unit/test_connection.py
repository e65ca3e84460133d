"""What the connection checks of the API server's certificate, and what it does not ask for."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tenantry.cluster.connection import connect
from tenantry.handlers.events import credentials

MAKE: Callable[..., ssl.SSLContext] = ssl.create_default_context


def _strict(*arguments: object, **options: object) -> ssl.SSLContext:
    """What Python gives from 3.13 on."""
    context = MAKE(*arguments, **options)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


async def test_authorities_that_lack_identifiers_are_taken_and_nothing_else_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those of many clusters do: with strictness, the operator could not reach them."""
    monkeypatch.setattr(ssl, "create_default_context", _strict)
    kubeconfig = tmp_path / "kubeconfig"
    named = {"cluster": "c", "user": "u"}
    content = {
        "current-context": "x",
        "contexts": [{"name": "x", "context": named}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:6443"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }
    kubeconfig.write_text(yaml.safe_dump(content))

    connection = await connect(kubeconfig)
    try:
        for context in (
            connection.api.rest_client.ssl_context,
            (await credentials(connection)).as_ssl_context(),
        ):
            assert not context.verify_flags & ssl.VERIFY_X509_STRICT
            assert context.verify_mode is ssl.CERT_REQUIRED
            assert context.check_hostname
    finally:
        await connection.close()
