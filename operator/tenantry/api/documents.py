"""Manifests as YAML text that Go and Python read alike, and that is the same on every machine.

Go's reader takes a bare ``y`` or ``1e3`` for a boolean or a number where PyYAML's writer leaves
them bare; PyYAML shortens shared values to anchors, which people find hard to read. Neither may
happen to a generated file, which is reviewed as a diff and applied by ``kubectl``.
"""

import re
from collections.abc import Iterable
from typing import Any

import yaml

WIDTH = 100
"""Columns at which long text is folded."""


class _Dumper(yaml.SafeDumper):
    """PyYAML's safe writer, without anchors, with list items indented below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        del indentless
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


_LINE_BREAKS_OF_YAML_1_1 = re.compile("[\x85\u2028\u2029]")


def _text(dumper: _Dumper, data: str) -> yaml.ScalarNode:
    """Text in the plainest style that is read back; PyYAML's own choice loses a lone NEL."""
    style = '"' if _LINE_BREAKS_OF_YAML_1_1.search(data) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style)


_Dumper.add_representer(str, _text)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^[yYnN]$"), list("yYnN"))
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", re.compile("^0o[0-7]+$"), ["0"])


def to_yaml(documents: Iterable[Any], *, header: str = "") -> str:
    """YAML text of some documents, keys in the order given, ending in a newline.

    Args:
        documents: JSON-like values, usually manifests; several are set apart by ``---``.
        header: lines to begin with, as comments.
    """
    comment = "".join(f"# {line}".rstrip() + "\n" for line in header.splitlines())
    texts = [
        yaml.dump(each, Dumper=_Dumper, sort_keys=False, width=WIDTH, allow_unicode=True)
        for each in documents
    ]
    return comment + "---\n".join(texts)
