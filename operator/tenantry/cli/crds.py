"""``tenantry crds``: the API's kinds, for ``kubectl`` to install."""

import click

from tenantry.cli.layout import PageCommand

EXAMPLES = """
tenantry crds | kubectl apply --server-side -f -
"""


@click.command(cls=PageCommand, examples=EXAMPLES)
def crds() -> None:
    """Print the CustomResourceDefinitions as YAML."""
    from tenantry.api.crd import custom_resource_definition  # noqa: PLC0415 - models are slow
    from tenantry.api.documents import to_yaml  # noqa: PLC0415
    from tenantry.api.kinds import KINDS  # noqa: PLC0415

    click.echo(to_yaml(custom_resource_definition(kind) for kind in KINDS), nl=False)
