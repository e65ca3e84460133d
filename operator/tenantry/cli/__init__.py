"""The command line: one module a command.

Commands import what they need when they run, so that ``--help`` and shell completion answer at
once. Exit codes: 0 done, 1 failed, 2 used wrongly. What a command prints for others to read goes
to standard output; everything else goes to standard error.
"""

import os
from collections.abc import Sequence

import click

from tenantry.cli.completion import completion
from tenantry.cli.cost import cost
from tenantry.cli.crds import crds
from tenantry.cli.doctor import doctor
from tenantry.cli.layout import PageGroup
from tenantry.cli.meter import meter
from tenantry.cli.policies import policies
from tenantry.cli.run import run
from tenantry.cli.version import version

PROGRAM = "tenantry"

EXAMPLES = """
tenantry crds | kubectl apply --server-side -f -
tenantry run --kubeconfig ~/.kube/config
"""


@click.group(
    cls=PageGroup,
    sections={
        "Run it": ["crds", "policies", "run", "meter", "cost", "doctor"],
        "About it": ["version", "completion"],
    },
    examples=EXAMPLES,
    epilog="Use 'tenantry COMMAND -h' for the options of a command.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def cli() -> None:
    """One Kubernetes cluster as a platform that many tenants share."""


for command in (crds, policies, run, meter, cost, doctor, version, completion):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    plain = bool(os.environ.get("NO_COLOR"))  # https://no-color.org, which click does not know
    cli.main(arguments, prog_name=PROGRAM, color=False if plain else None)
