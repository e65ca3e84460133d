"""``python -m focuscheck FILE``."""

import sys
from pathlib import Path

import click

from focuscheck.verdict import verdict


@click.command()
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(data: Path) -> None:
    """Have a FOCUS 1.2 data set in CSV judged by the FinOps Foundation's validator."""
    found = verdict(data)
    click.echo(found.said)
    sys.exit(1 if found.failed else 0)


if __name__ == "__main__":
    main()
