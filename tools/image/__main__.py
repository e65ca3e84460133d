"""`python -m image build` and `test`: what `make image` and `make image-test` do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from image import base, contents, engine, figures
from image.engine import ImageError, Plan

ROOT: Final = Path(__file__).parents[2]
WORK: Final = ROOT / "build" / "image"
PAGE: Final = ROOT / "docs" / "image.md"
ARGUMENTS: Final = ("BUILD_IMAGE", "BASE_IMAGE")
"""Of the Dockerfile, taken from the environment."""
TRIAL: Final = "localhost/tenantry"
FOREIGN: Final = "arm64"
MEGABYTE: Final = 1_000_000


class Group(click.Group):
    """Commands whose expected errors are said, not traced."""

    def invoke(self, ctx: click.Context) -> None:
        """Run one; an ImageError becomes what happened, what to do, and exit code 1."""
        from demo.failure import DemoFailedError  # noqa: PLC0415 - `--help` answers at once
        from devcluster import DevClusterError  # noqa: PLC0415

        try:
            super().invoke(ctx)
        except ImageError as error:
            complain(str(error), error.advice)
        except DevClusterError as error:
            complain(error.message, error.advice)
        except DemoFailedError as error:
            complain(error.claim, f"but this is so: {error.seen}")


def complain(what: str, advice: str) -> None:
    """Say what went wrong and end."""
    click.echo(f"{click.style('error:', fg='red', bold=True)} {what}", err=True)
    click.echo(f"{click.style('what to do:', bold=True)} {advice}", err=True)
    sys.exit(1)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Build the operator's image, and try it."""


@main.command()
@click.option("--tag", default="", help="What to call it. [default: tenantry:VERSION]")
@click.option("--platform", default="", help="Such as linux/arm64. [default: this machine's]")
def build(tag: str, platform: str) -> None:
    """Build with docker, podman or buildah; $CONTAINER_ENGINE chooses."""
    given = {name: os.environ[name] for name in ARGUMENTS if os.environ.get(name)}
    source = os.environ.get("IMAGE_SOURCE")
    labels = {"org.opencontainers.image.source": source} if source else {}
    planned = plan(tag, platform, given, labels)
    chosen = engine.choose(os.environ.get("CONTAINER_ENGINE", ""))
    click.echo(f"building {planned.tag} with {chosen}")
    engine.build(chosen, planned)
    click.echo(f"{planned.tag} is built; an SBOM is in it, /opt/tenantry/sbom.cdx.json")


@main.command()
@click.option("--fresh", is_flag=True, help="Make the bases anew.")
def test(*, fresh: bool) -> None:
    """Build it twice and for another architecture, look into it, run the demo with it."""
    from demo.page import Page  # noqa: PLC0415
    from image import trial  # noqa: PLC0415

    base.check_tools()
    if fresh:
        base.forget()
    page = Page.suited()
    with page.step("Bases") as step:
        arguments = {"BUILD_IMAGE": base.building(WORK), "BASE_IMAGE": base.running(WORK)}
        abroad = arguments | {"BASE_IMAGE": base.running(WORK, FOREIGN)}
        step.result = f"Debian {base.SUITE}, packages without a shell"
    with page.step("Image, twice") as step:
        planned = plan("", "", arguments, {}, local=True)
        first, image = _built("first", planned), _built("second", planned)
        if first.digest != image.digest:
            raise ImageError(
                "Two builds of the same files differ.", "Compare build/image/first, second."
            )
        step.result = f"{image.digest[:19]} both times"
    with page.step(FOREIGN) as step:
        foreign = replace(planned, arguments=abroad, platform=f"linux/{FOREIGN}")
        other = _built(FOREIGN, foreign)
        with contents.mounted(f"{TRIAL}:{FOREIGN}") as root:
            step.result = f"{contents.check(root, FOREIGN)} compiled modules, all of them for it"
    with contents.mounted(f"{TRIAL}:second") as root:
        modules, size = contents.check(root, "amd64"), contents.size(root)
        shutil.copy(root / "opt/tenantry/sbom.cdx.json", WORK / "sbom.cdx.json")
        own = contents.size(root / "opt/tenantry")
        measured = trial.play(image.config, root, WORK, page)
    figures.write(
        PAGE,
        {
            "Size, on a node": f"{_mb(size)}, {_mb(own)} of it Tenantry and what it imports",
            "Size, to fetch": f"{_mb(image.compressed)}; for {FOREIGN} {_mb(other.compressed)}",
            "Compiled modules": f"{modules}",
            "`tenantry version`, from nothing": f"{measured.version:.2f} s",
            "Operator, from nothing to at work": f"{measured.start:.1f} s",
            "Operator's memory after the demo": _mb(measured.memory),
        },
    )
    page.note(
        f"The figures are in {PAGE.relative_to(ROOT)}, the SBOM in build/image/sbom.cdx.json."
    )


def plan(
    tag: str,
    platform: str,
    arguments: dict[str, str],
    labels: dict[str, str],
    *,
    local: bool = False,
) -> Plan:
    """Give what to build: this commit, with its own time."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return Plan(
        root=ROOT,
        tag=tag or f"tenantry:{project['version']}",
        version=project["version"],
        revision=_git("rev-parse", "HEAD") or "unknown",
        epoch=int(os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct") or 0),
        platform=platform,
        arguments=arguments,
        labels=labels,
        is_local=local,
    )


def _built(name: str, planned: Plan) -> contents.Image:
    planned = replace(planned, tag=f"{TRIAL}:{name}")
    *argv, context = engine.command("buildah", planned)
    base.run(*argv, "--isolation=chroot", "--no-cache", context)
    return contents.read(planned.tag, WORK / name)


def _git(*arguments: str) -> str:
    """What git says; nothing where there is no repository."""
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _mb(size: int) -> str:
    return f"{size / MEGABYTE:.0f} MB"


if __name__ == "__main__":
    main()
