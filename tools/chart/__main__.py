"""``python -m chart [FOLDER]``: lint the chart as strictly as Helm can, and pack it.

By Helm's own library, so that no `helm` has to be installed to make what `helm push` sends to an
OCI registry.
"""

import sys
from pathlib import Path
from typing import Any, Final

import click
import helm_python as helm

CHART: Final = Path(__file__).parents[2] / "helm" / "tenantry"
FOLDER: Final = Path("dist")
WARNING: Final = 2
"""Of Helm's linter: 1 is information, 3 an error."""


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=FOLDER)
def main(folder: Path) -> None:
    """Write FOLDER/tenantry-VERSION.tgz, and say how to push it."""
    if problems := _problems():
        for one in problems:
            click.echo(f"{one['path']}: {one['error']}", err=True)
        sys.exit(1)
    folder.mkdir(parents=True, exist_ok=True)
    package = helm.package(CHART, destination=folder)
    click.echo(f"{package}  {helm.digest(package)}")
    click.echo(f"helm push {package} oci://REGISTRY/charts")


def _problems() -> list[dict[str, Any]]:
    """What Helm's linter finds, but for what it only recommends."""
    messages: list[dict[str, Any]] = helm.lint(CHART, strict=True)["messages"]
    return [one for one in messages if one["severity"] >= WARNING]


if __name__ == "__main__":
    main()
