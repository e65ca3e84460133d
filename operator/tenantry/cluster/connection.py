"""The way to the API server: credentials, TLS and the connection pool of the official client.

Kubeconfigs, exec plugins, OIDC and in-cluster tokens are ``kubernetes.aio``'s business. What is
taken from it is its configuration (also given to Kopf, so that both are the same identity) and
its aiohttp session, over which the hot path sends JSON without the typed models in between.
"""

import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import yaml
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.config import ConfigException, load_incluster_config, load_kube_config

SERVICE_ACCOUNT_TOKEN = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


class ConnectionFailed(Exception):  # noqa: N818 - reads as what happened
    """There is no usable kubeconfig or in-cluster configuration; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Connection:
    """An authenticated connection pool to one API server."""

    configuration: Configuration
    api: ApiClient
    proxy: str | None = None

    @property
    def server(self) -> str:
        """The API server's URL, without a trailing slash."""
        return str(self.configuration.host).rstrip("/")

    @property
    def session(self) -> aiohttp.ClientSession:
        """The pool; made on first use, for aiohttp wants a running loop."""
        rest = self.api.rest_client
        if rest.pool_manager is None:
            rest.pool_manager = rest._create_pool_manager()  # noqa: SLF001 - no public way yet
        return rest.pool_manager

    async def authorization(self) -> dict[str, str]:
        """The Authorization header, refreshed by the official client when it has expired."""
        token = await self.configuration.get_api_key_with_prefix("BearerToken")
        if token:
            return {"Authorization": token}
        basic = self.configuration.get_basic_auth_token()
        return {"Authorization": basic} if self.configuration.username and basic else {}

    async def close(self) -> None:
        """Close the pool and remove the temporary key files."""
        await self.api.close()  # type: ignore[no-untyped-call]


def without_strictness(context: ssl.SSLContext) -> ssl.SSLContext:
    """Take certificates that lack what RFC 5280 has and TLS can do without; gives the context.

    From Python 3.13 on such are refused by default, and the authorities of many clusters are such,
    Amazon's among them (https://github.com/kubernetes-client/python/issues/2394). Who issued a
    certificate, for which host it is and whether it is still valid are checked as ever.
    """
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def is_in_cluster() -> bool:
    """Whether the process runs in a pod with a service account token."""
    return SERVICE_ACCOUNT_TOKEN.exists()


async def connect(
    kubeconfig: Path | None = None, context: str | None = None, *, connections: int = 128
) -> Connection:
    """Find the credentials and prepare a pool.

    Args:
        kubeconfig: a kubeconfig file; without one the in-cluster service account is used if it is
            mounted, else ``$KUBECONFIG`` or ``~/.kube/config``.
        context: a context of the kubeconfig instead of its current one.
        connections: how many requests may be under way at the same time; watches are among them.

    Raises:
        ConnectionFailed: nothing usable was found.
    """
    configuration = Configuration()
    configuration.connection_pool_maxsize = connections
    configuration.client_session_kwargs = {"trust_env": False}
    configuration.disable_strict_ssl_verification = True  # see ``without_strictness``
    try:
        if kubeconfig is None and context is None and is_in_cluster():
            load_incluster_config(  # type: ignore[no-untyped-call]
                client_configuration=configuration
            )
        else:
            await load_kube_config(  # type: ignore[no-untyped-call]
                config_file=str(kubeconfig) if kubeconfig else None,
                context=context,
                client_configuration=configuration,
                persist_config=False,
            )
    except (ConfigException, OSError, TypeError, yaml.YAMLError) as problem:
        # The client raises a TypeError for a file that is empty or no mapping.
        why = "it is no kubeconfig" if isinstance(problem, TypeError) else str(problem)
        raise ConnectionFailed(f"cannot use {_described(kubeconfig)}: {why}") from problem
    proxy = configuration.proxy or _proxy_from_environment(configuration.host)
    return Connection(configuration, ApiClient(configuration), proxy)


def _described(kubeconfig: Path | None) -> str:
    """Where the credentials were looked for, and whether anything was there."""
    if kubeconfig is not None:
        return str(kubeconfig) if kubeconfig.is_file() else f"{kubeconfig} (there is no such file)"
    return f"{os.environ.get('KUBECONFIG') or '~/.kube/config'} (choose one with --kubeconfig)"


def _proxy_from_environment(server: str) -> str | None:
    """The proxy that $HTTPS_PROXY and $NO_PROXY say, found once.

    With ``trust_env`` aiohttp would read the environment, and ~/.netrc, in a thread of its own for
    each request: a third of the time that a request takes here.
    """
    url = urlsplit(server)
    if url.hostname is None or proxy_bypass(url.hostname):
        return None
    return getproxies().get(url.scheme)
