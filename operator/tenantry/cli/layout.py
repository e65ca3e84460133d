"""How help pages look: sections instead of one long list, examples before options.

Colours are click's: it takes them out when the output is not a terminal.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import click


class Formatter(click.HelpFormatter):
    """Click's formatter with bold headings."""

    def write_heading(self, heading: str) -> None:
        """Write a section's heading."""
        super().write_heading(click.style(heading, bold=True))


class Page(click.Context):
    """A context whose help is laid out by ``Formatter``."""

    formatter_class = Formatter


class PageCommand(click.Command):
    """A command with examples, and with its options in sections."""

    context_class = Page

    def __init__(self, *args: Any, examples: str = "", **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.examples = examples

    def sections_of(self, context: click.Context) -> Mapping[str, Sequence[click.Parameter]]:
        """The options by heading, in the order of the page."""
        return {"Options": self.get_params(context)}

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, then the options."""
        write_examples(formatter, self.examples)
        for heading, parameters in self.sections_of(ctx).items():
            records = [record for one in parameters if (record := one.get_help_record(ctx))]
            write_section(formatter, heading, records)


class PageGroup(click.Group):
    """A group with examples, and with its commands in sections."""

    context_class = Page

    def __init__(
        self,
        *args: Any,
        sections: Mapping[str, Sequence[str]],
        examples: str = "",
        **attributes: Any,
    ) -> None:
        super().__init__(*args, **attributes)
        self.sections = sections
        self.examples = examples

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section, then the examples."""
        for heading, names in self.sections.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            records = [(name, one.get_short_help_str(80)) for name, one in commands if one]
            write_section(formatter, heading, records)
        write_examples(formatter, self.examples)


def write_section(
    formatter: click.HelpFormatter, heading: str, records: Sequence[tuple[str, str]]
) -> None:
    """Write a heading and what belongs to it in two columns, unless there is nothing."""
    if records:
        with formatter.section(heading):
            formatter.write_dl(records)


def write_examples(formatter: click.HelpFormatter, examples: str) -> None:
    """Write commands to copy, a line each."""
    if examples:
        with formatter.section("Examples"):
            for line in examples.strip().splitlines():
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
