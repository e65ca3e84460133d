"""``tenantry version``: what exactly is running, for a bug report or a script."""

import json
import platform
from importlib.metadata import version as version_of

import click

from tenantry.api.names import API_VERSION
from tenantry.cli.layout import PageCommand

EXAMPLES = """
tenantry version -o json
"""


def versions() -> dict[str, str | list[str]]:
    """The versions of the operator, of what it stands on, and of the APIs that it serves."""
    return {
        "version": version_of("tenantry"),
        "apiVersions": [API_VERSION],
        "kopf": version_of("kopf"),
        "kubernetesClient": version_of("kubernetes"),
        "python": platform.python_version(),
        "platform": f"{platform.system().lower()}/{platform.machine()}",
    }


@click.command(cls=PageCommand, examples=EXAMPLES)
@click.option(
    "-o",
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print them.",
)
def version(output: str) -> None:
    """Print the versions of the operator and its parts."""
    found = versions()
    if output == "json":
        click.echo(json.dumps(found, indent=2))
        return
    titles = ("Tenantry", "API", "Kopf", "Kubernetes client", "Python", "Platform")
    for title, value in zip(titles, found.values(), strict=True):
        text = ", ".join(value) if isinstance(value, list) else value
        click.echo(f"{click.style(f'{title:<18}', bold=True)}{text}")
