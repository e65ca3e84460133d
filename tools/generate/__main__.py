"""``python -m generate [--check]``."""

import sys
from pathlib import Path

import click

from generate import files

ROOT = Path(__file__).parents[2]


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; name stale files and exit with 1.")
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT,
    help="The repository; this one by default.",
)
def main(*, check: bool, root: Path) -> None:
    """Write crds/, docs/reference/, examples/reference/ and what the chart has of them."""
    found = list(files.stale(root))
    for each in found:
        where = each.path.relative_to(root)
        if check:
            click.echo(
                f"{where} {'is stale' if each.text is not None else 'should not be there'}",
                err=True,
            )
        else:
            files.write(each)
            click.echo(f"{where} {'written' if each.text is not None else 'removed'}")
    if check and found:
        click.echo("Run `make generate` and commit what it wrote.", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
