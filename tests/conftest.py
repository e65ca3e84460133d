"""A real control plane with Tenantry on it, started when a test first asks for it."""

import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import installation
from cluster_api import ClusterApi
from devcluster import DevCluster, DevClusterError, build, definitions, istio, progress, prometheus
from operator_process import OperatorProcess
from tenancy import LiveTenant
from tenantry.cluster.errors import NotFound

# How long one example takes says how busy the machine is, no more; pytest's timeout ends a hang.
settings.register_profile("tenantry", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tenantry")

# A control plane's programs spend a quarter of their time looking for garbage; memory is there.
os.environ.setdefault("GOGC", "400")
os.environ.setdefault("GOMEMLIMIT", "1GiB")

TESTS = Path(__file__).parent
ON_A_CLUSTER = {"contract", "devcluster", "e2e", "faults", "policies"}
"""Folders of tests that may start a control plane."""
WITH_FOREIGN_KINDS = {"contract", "e2e"}
"""Those that may ask for others' CRDs and what Istio says of its own."""
WITH_QUERIES = {"contract"}
"""Those that may ask Prometheus' own tool."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Build the control plane before the first test, if one may need it and it is not built.

    So is what some of the tests need beside it. That takes minutes, which are no test's own: they
    would count against its time limit, and nobody would see how far it is.

    Raises:
        pytest.UsageError: it cannot be built; the message says why and what to do.
    """
    folders = {item.path.relative_to(TESTS).parts[0] for item in session.items}
    if not session.config.option.collectonly:
        _build(session.config, folders & ON_A_CLUSTER)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """The same before there are several processes, whose output nobody would see."""
    _build(config, ON_A_CLUSTER)


def _build(config: pytest.Config, folders: set[str]) -> None:
    capturing = config.pluginmanager.getplugin("capturemanager")
    with capturing.global_and_fixture_disabled() if capturing else nullcontext():
        shown = progress.suited()
        try:
            if folders:
                build.programs(shown)
            if folders & WITH_FOREIGN_KINDS:
                definitions.definitions(shown)
                istio.program(shown)
            if folders & WITH_QUERIES:
                prometheus.programs(shown)
        except DevClusterError as problem:
            raise pytest.UsageError(str(problem)) from problem


OPERATOR = pytest.StashKey[OperatorProcess]()
"""The session's operator, while it runs."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of the operator's log with a test that failed."""
    report = yield
    operator = item.config.stash.get(OPERATOR, None)
    if report.failed and operator is not None:
        report.sections.append(("end of the operator's log", operator.tail()))
    return report


MakeTenant = Callable[..., Awaitable[LiveTenant]]
AsUser = Callable[..., Awaitable[ClusterApi]]


@pytest.fixture(scope="session")
def cluster() -> Iterator[DevCluster]:
    """A control plane with three nodes, for the whole session."""
    with DevCluster.start() as running:
        yield running


@pytest.fixture(scope="session")
def admin(cluster: DevCluster) -> Path:
    """The administrator's kubeconfig."""
    return cluster.kubeconfig


@pytest.fixture(scope="session")
async def api(admin: Path) -> AsyncIterator[ClusterApi]:
    """The cluster in the administrator's hands, with CRDs and chart installed."""
    async with ClusterApi.connected(admin) as connected:
        await installation.install(connected)
        yield connected


@pytest.fixture(scope="session")
async def operator(
    cluster: DevCluster,
    api: ClusterApi,  # noqa: ARG001 - what it needs is installed with it
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
) -> AsyncIterator[OperatorProcess]:
    """The operator, with the rights that its chart gives it, for the whole session."""
    identity = cluster.service_account_kubeconfig(installation.NAMESPACE, installation.RELEASE)
    log = tmp_path_factory.mktemp("operator") / "operator.log"
    running = await OperatorProcess.start(
        identity, log, leader_elect="true", lease_namespace=installation.NAMESPACE
    )
    pytestconfig.stash[OPERATOR] = running
    try:
        yield running
    finally:
        del pytestconfig.stash[OPERATOR]
        code = await running.stop()
    assert (code, running.defects()) == (0, [])


@dataclass(frozen=True)
class Site:
    """A control plane whose operator the test starts, stops and kills itself."""

    cluster: DevCluster
    api: ClusterApi
    identity: Path
    """Kubeconfig of the operator's ServiceAccount."""
    logs: Path

    @asynccontextmanager
    async def operator(self, **options: str) -> AsyncIterator[OperatorProcess]:
        """An operator with these options of ``tenantry run``, while the context lasts.

        It must end well, unless the test has ended it.
        """
        running = OperatorProcess.launch(self.identity, self._log(), **options)
        try:
            await running.logged("cache complete")
            yield running
            code = running.code if running.code is not None else await running.stop()
            assert (code, running.defects()) in [(0, []), (-SIGKILL, [])]
        finally:
            running.kill()

    def launch_operator(self, **options: str) -> OperatorProcess:
        """Start one and wait for nothing; whoever starts it ends it."""
        return OperatorProcess.launch(self.identity, self._log(), **options)

    def _log(self) -> Path:
        return self.logs / f"{secrets.token_hex(4)}.log"


@pytest.fixture(scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A control plane of its own with Tenantry installed, and nobody at work."""
    with DevCluster.start() as cluster:
        async with ClusterApi.connected(cluster.kubeconfig) as connected:
            await installation.install(connected)
            identity = cluster.service_account_kubeconfig(
                installation.NAMESPACE, installation.RELEASE
            )
            yield Site(cluster, connected, identity, tmp_path_factory.mktemp("site"))


@pytest.fixture
def name() -> str:
    """A Tenant's name that no other test has."""
    return f"t{secrets.token_hex(3)}"


@pytest.fixture
async def make_tenant(
    api: ClusterApi,
    operator: OperatorProcess,  # noqa: ARG001 - it only has to run
    name: str,
) -> AsyncIterator[MakeTenant]:
    """Makes Tenants and waits until they are Ready; they are gone after the test.

    ``await make_tenant(suspend=True)``: named by the fixture ``name``; a further one as
    ``await make_tenant("other")`` is named after it. ``ready=False`` does not wait.
    """
    made: list[LiveTenant] = []

    async def make(suffix: str = "", *, ready: bool = True, **spec: Any) -> LiveTenant:
        one = LiveTenant(api, name + suffix)
        made.append(one)
        await one.apply(**spec)
        if ready:
            await one.ready()
        return one

    yield make
    for one in made:
        try:
            await api.patch("Tenant", one.name, {"spec": {"deletionProtection": False}})
            await one.delete()
        except NotFound:  # it is what the test was about
            continue


@pytest.fixture(scope="session")
async def as_user(cluster: DevCluster) -> AsyncIterator[AsUser]:
    """The cluster in a user's hands: ``await as_user("olivia", "acme-owners")``."""
    identities: dict[tuple[str, ...], ClusterApi] = {}
    async with AsyncExitStack() as stack:

        async def identity(user: str, *groups: str) -> ClusterApi:
            key = (user, *groups)
            if key not in identities:
                kubeconfig = cluster.kubeconfig_for(user, groups)
                connected = await stack.enter_async_context(ClusterApi.connected(kubeconfig))
                identities[key] = connected
            return identities[key]

        yield identity
