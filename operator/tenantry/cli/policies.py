"""``tenantry policies``: the admission policies, for ``kubectl`` to install."""

import click

from tenantry.cli.layout import PageCommand

EXAMPLES = """
tenantry policies | kubectl apply --server-side -f -
tenantry policies --validating | kubectl apply --server-side -f -
"""


@click.command(cls=PageCommand, examples=EXAMPLES)
@click.option(
    "--validating",
    is_flag=True,
    help="Only those for API servers without MutatingAdmissionPolicy (before Kubernetes 1.36).",
)
def policies(*, validating: bool) -> None:
    """Print the admission policies and their bindings as YAML.

    They need the CustomResourceDefinitions, and the operator for what differs by tenant.
    """
    from tenantry.api.documents import to_yaml  # noqa: PLC0415 - models are slow
    from tenantry.policies import manifests  # noqa: PLC0415

    kinds = {"validating": True, "mutating": not validating}
    click.echo(to_yaml(manifests(**kinds)), nl=False)
