"""``tenantry completion``: completion for a shell, by click's own scripts."""

import click
from click.shell_completion import get_completion_class

from tenantry.cli.layout import PageCommand

EXAMPLES = """
source <(tenantry completion bash)
source <(tenantry completion zsh)
tenantry completion fish > ~/.config/fish/completions/tenantry.fish
"""

VARIABLE = "_TENANTRY_COMPLETE"
"""What click looks for, to answer a shell instead of running a command."""


@click.command(cls=PageCommand, examples=EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that completes commands and options."""
    root = context.find_root()
    kind = get_completion_class(shell)
    if kind is None:  # the choices above are click's own shells
        raise click.UsageError(f"click knows no shell {shell}", context)
    click.echo(kind(root.command, {}, root.info_name or "tenantry", VARIABLE).source())
