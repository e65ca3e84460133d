"""The documentation as tests read it: its pages, and the fenced blocks in them.

The word after the fence is the language, and what follows it says how the block is tested:

- ``console``: commands after ``$ ``, and what they print. All are run, in order, a shell a page.
- ``console background``: a program that goes on while the rest of the page is run.
- ``console by="..."``: run elsewhere, and where.
- ``yaml file=NAME``: a file that the page's commands find.
- ``yaml``: a manifest that the API server must take; a fragment is completed to a Tenant.
- ``text``, or no language: for the eye.

The pages of the examples are a few lines long and have their commands indented instead.
"""

import re
import shlex
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from examples import ROOT

FENCE: Final = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)(?P<options>[^\n]*)\n(?P<text>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
INDENTED: Final = re.compile(r"^(?: {4}kubectl [^\n]*\n)+", re.MULTILINE)
REFUSAL: Final = re.compile(r"^error\b|^The .* is invalid: |^no$", re.IGNORECASE)
PROMPT: Final = "$ "
EXAMPLES: Final = ROOT / "examples"
GENERATED: Final = ROOT / "docs" / "reference"


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    line: int
    language: str
    options: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class Command:
    """A command, and the lines that the page says it prints."""

    line: str
    shown: tuple[str, ...]

    @property
    def is_refused(self) -> bool:
        """Whether the page shows that it fails."""
        return any(REFUSAL.search(line) for line in self.shown)


@dataclass(frozen=True)
class Page:
    """One document."""

    path: Path

    @property
    def name(self) -> str:
        """Its path in the repository."""
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    def blocks(self) -> Iterator[Block]:
        """Its blocks, in order."""
        if EXAMPLES in self.path.parents:
            for match in INDENTED.finditer(self.text):
                text = textwrap.indent(textwrap.dedent(match[0]), PROMPT)
                yield Block(self._line(match), "console", {}, text)
        for match in FENCE.finditer(self.text):
            pairs = (word.partition("=") for word in shlex.split(match["options"]))
            yield Block(
                line=self._line(match),
                language=match["language"],
                options={name: value for name, _, value in pairs},
                text=textwrap.dedent(match["text"]),
            )

    def _line(self, match: re.Match[str]) -> int:
        return self.text.count("\n", 0, match.start()) + 1


def commands(block: Block) -> list[Command]:
    """The commands of a console block."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith(PROMPT):
            found.append((line.removeprefix(PROMPT), []))
        elif line.strip():
            found[-1][1].append(line)
    return [Command(line, tuple(shown)) for line, shown in found]


def pages() -> list[Page]:
    """Every page that a person writes."""
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    return [Page(path) for path in sorted(paths) if GENERATED not in path.parents]
