"""The examples, as tests of several kinds read them."""

from pathlib import Path
from typing import Any

import yaml

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.tenant import Tenant
from tenantry.desired import desired_namespaces
from tenantry.desired.cluster_roles import cluster_roles
from tenantry.desired.objects import Facts

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
GOLDEN = ROOT / "tests" / "golden"
TENANTS = {
    path.parent.name: path
    for path in sorted(EXAMPLES.glob("*/tenant.yaml"))
    if path.parent.name != "reference"
}
APPLICATIONS = {
    path.parent.name: path
    for path in sorted(EXAMPLES.glob("*/application.yaml"))
    if path.parent.name != "reference"
}


def application_of(path: Path) -> Application:
    return Application.parse(yaml.safe_load(path.read_text()))


def tenant_of(path: Path) -> Tenant:
    return Tenant.parse(yaml.safe_load(path.read_text()))


def rendered(tenant: Tenant, facts: Facts | None = None) -> list[Manifest]:
    spaces = desired_namespaces(tenant, facts or Facts())
    inside = [
        manifest for space in spaces for manifest in (space.namespace, *space.guards, *space.access)
    ]
    return [*inside, *cluster_roles(tenant, [space.name for space in spaces], removable=())]


class _Plain(yaml.SafeDumper):
    """Shared parts are written out each time."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the base class's signature
        return True


def _lines(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Entries one a line are shown one a line."""
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Plain.add_representer(str, _lines)


def documents(manifests: list[Manifest]) -> str:
    return yaml.dump_all(manifests, Dumper=_Plain, sort_keys=False)
