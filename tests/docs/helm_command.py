"""``helm`` as the pages use it: the flags that they show, by Helm's own library.

The library is the real Helm without its command line. An option that is not here is refused, so a
page shows nothing that has not been done.
"""

import os
import sys
from pathlib import Path
from typing import Any, Final

import click
import helm_python as helm

PATIENCE: Final = 120
"""Seconds that ``--wait`` waits."""

namespaced = click.option("--namespace", "-n", required=True)
waiting = click.option("--wait", is_flag=True)
with_values = (
    click.option("--values", "-f", "files", multiple=True, type=click.Path(path_type=Path)),
    click.option("--set", "settings", multiple=True),
)


@click.group()
def main() -> None:
    """Helm."""


def _config(namespace: str) -> helm.Config:
    return helm.Config(kubeconfig_path=os.environ["KUBECONFIG"], namespace=namespace)


def _given(files: tuple[Path, ...], settings: tuple[str, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for file in files:
        values = _over(values, helm.values_from_yaml(file.read_text()))
    for setting in settings:
        values = _over(values, helm.parse_set_string(setting))
    return values


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Values with others laid over them, group by group."""
    return below | {
        key: _over(below[key], value)
        if isinstance(value, dict) and isinstance(below.get(key), dict)
        else value
        for key, value in above.items()
    }


def _wait(*, is_wanted: bool) -> dict[str, Any]:
    return {"wait": "watcher", "timeout": PATIENCE} if is_wanted else {}


def _tell(release: dict[str, Any]) -> None:
    click.echo(f"NAME: {release['name']}")
    click.echo(f"NAMESPACE: {release['namespace']}")
    click.echo(f"STATUS: {release['status']}")
    click.echo(f"REVISION: {release['revision']}")
    click.echo(f"NOTES:\n{release['notes']}")


def _command(name: str) -> Any:
    def decorate(action: Any) -> Any:
        for option in (*with_values, namespaced, waiting):
            action = option(action)
        return main.command(name)(action)

    return decorate


@_command("install")
@click.argument("name")
@click.argument("chart")
def install(
    *,
    name: str,
    chart: str,
    namespace: str,
    wait: bool,
    files: tuple[Path, ...],
    settings: tuple[str, ...],
) -> None:
    """Install a chart."""
    with _config(namespace) as config:
        _tell(config.install(chart, name, _given(files, settings), **_wait(is_wanted=wait)))


@_command("upgrade")
@click.argument("name")
@click.argument("chart")
def upgrade(
    *,
    name: str,
    chart: str,
    namespace: str,
    wait: bool,
    files: tuple[Path, ...],
    settings: tuple[str, ...],
) -> None:
    """Upgrade a release."""
    with _config(namespace) as config:
        release = config.upgrade(chart, name, _given(files, settings), **_wait(is_wanted=wait))
        click.echo(f'Release "{name}" has been upgraded. Happy Helming!')
        _tell(release)


@main.command()
@click.argument("name")
@click.argument("revision", type=int, required=False)
@namespaced
@waiting
def rollback(name: str, revision: int | None, namespace: str, *, wait: bool) -> None:
    """Go back to a revision."""
    with _config(namespace) as config:
        config.rollback(name, version=revision, **_wait(is_wanted=wait))
    click.echo("Rollback was a success! Happy Helming!")


@main.command()
@click.argument("name")
@namespaced
@waiting
def uninstall(name: str, namespace: str, *, wait: bool) -> None:
    """Remove a release."""
    with _config(namespace) as config:
        done = config.uninstall(name, **_wait(is_wanted=wait))
    click.echo(done["info"])
    click.echo(f'release "{name}" uninstalled')


@main.command()
@click.argument("name")
@namespaced
def history(name: str, namespace: str) -> None:
    """Tell a release's revisions."""
    with _config(namespace) as config:
        for one in config.history(name):
            chart = f"{one['chart_name']}-{one['chart_version']}"
            click.echo(f"{one['revision']}  {one['status']}  {chart}")


if __name__ == "__main__":
    try:
        main()
    except helm.HelmError as problem:
        click.echo(f"Error: {problem}", err=True)
        sys.exit(1)
