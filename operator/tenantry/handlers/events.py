"""Kopf's part: it logs in, discovers, lists, watches and reconnects, and calls this handler.

It watches Tenants and Applications, what people write. What the operator owns is thirty times as
much, and most of it is the echo of its own writes: that goes past Kopf (``cluster.watching`` has
the reason).

Only ``on.event`` is used. Change handlers would write a finalizer and an annotation of Kopf's own
on each object, indexes do not scale, and bursts are not merged; so an event only goes to the
engine. The no-op storages keep Kopf from copying and diffing every object for change handlers that
do not exist.
"""

import datetime as dt
import ssl
from typing import Any

import kopf

from tenantry.cluster.connection import Connection, is_in_cluster, without_strictness
from tenantry.cluster.resources import APPLICATIONS, TENANTS
from tenantry.handlers.engine import Engine

TOKEN_LIFETIME = dt.timedelta(minutes=10)
"""After which Kopf asks for credentials again: mounted tokens are renewed long before they end."""


class _NoDiffBase(kopf.DiffBaseStorage):
    """Kopf's memory of the last state handled: none is needed without change handlers."""

    def build(self, **_: Any) -> kopf.BodyEssence:
        return kopf.BodyEssence({})

    def fetch(self, **_: Any) -> None:
        return None

    def store(self, **_: Any) -> None:
        return None


class _NoProgress(kopf.ProgressStorage):
    """Kopf's memory of handlers under way: none is needed without change handlers."""

    def fetch(self, **_: Any) -> None:
        return None

    def store(self, **_: Any) -> None:
        return None

    def purge(self, **_: Any) -> None:
        return None

    def touch(self, **_: Any) -> None:
        return None

    def clear(self, *, essence: kopf.BodyEssence) -> kopf.BodyEssence:
        return essence


def kopf_settings() -> kopf.OperatorSettings:
    """Settings for an operator that only watches."""
    settings = kopf.OperatorSettings()
    settings.peering.standalone = True
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.persistence.diffbase_storage = _NoDiffBase()
    settings.persistence.progress_storage = _NoProgress()
    # A worker task of Kopf's lives this long after an object's last event: memory, not latency.
    settings.queueing.idle_timeout = 0.2
    settings.watching.chunk_size = 500
    settings.watching.server_timeout = 600
    settings.watching.connect_timeout = 10
    settings.networking.request_timeout = 30
    # As long as the operator's own watches pause, for three minutes; then Kopf gives up.
    settings.networking.error_backoffs = [0.2, 0.5, 1, 2, 3, 5, 5, *[10] * 15]
    # Kopf would SIGKILL a process that outlives its operator, and this one may have leases to drop.
    settings.process.ultimate_exiting_timeout = None
    return settings


def register(engine: Engine, connection: Connection) -> kopf.OperatorRegistry:
    """The handlers, bound to an engine."""
    registry = kopf.OperatorRegistry()

    @kopf.on.login(registry=registry, id="login")
    async def login(**_: Any) -> kopf.ConnectionInfo:
        return await credentials(connection)

    @kopf.on.event(TENANTS.group, TENANTS.version, TENANTS.plural, registry=registry, id="hear")
    async def hear(event: kopf.RawEvent, **_: Any) -> None:
        engine.hear(event["type"], event["object"])

    kind = APPLICATIONS

    @kopf.on.event(kind.group, kind.version, kind.plural, registry=registry, id="hear-application")
    async def hear_application(event: kopf.RawEvent, **_: Any) -> None:
        engine.hear(event["type"], event["object"])

    return registry


class _Credentials(kopf.ConnectionInfo):
    """Kopf's, as lenient with certificates as the operator's own connection."""

    def as_ssl_context(self) -> ssl.SSLContext:
        """What TLS is to check."""
        return without_strictness(super().as_ssl_context())


async def credentials(connection: Connection) -> kopf.ConnectionInfo:
    """The official client's credentials, in Kopf's form."""
    configuration = connection.configuration
    header = (await connection.authorization()).get("Authorization", "")
    scheme, _, token = header.partition(" ")
    renewable = bool(token) and (is_in_cluster() or configuration.refresh_api_key_hook is not None)
    return _Credentials(
        server=connection.server,
        ca_path=configuration.ssl_ca_cert,
        insecure=not configuration.verify_ssl,
        certificate_path=configuration.cert_file,
        private_key_path=configuration.key_file,
        scheme=scheme if token else None,
        token=token or None,
        proxy_url=connection.proxy,
        expiration=dt.datetime.now(dt.UTC) + TOKEN_LIFETIME if renewable else None,
    )
