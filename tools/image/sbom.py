"""Tells what is in the image, in CycloneDX: run inside the build, with nothing but Python.

uv has written down what is locked, with hashes and who needs whom
(https://docs.astral.sh/uv/guides/export/). Here that is narrowed to what was installed for this
platform, each with its licence, and Debian's packages of the base are added. The same image always
gets the same text: no serial number, and the time is $SOURCE_DATE_EPOCH.

    python3 sbom.py LOCKED INSTALLED DPKG

LOCKED is uv's document, INSTALLED the folder with the packages, DPKG that of Debian's database:
``status``, or a file a package in ``status.d`` as distroless images have it. Licences are those of
packages' metadata (https://packaging.python.org/en/latest/specifications/core-metadata/), purls as
https://github.com/package-url/purl-spec has them.
"""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import UTC, datetime
from email.parser import Parser
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from email.message import Message


def document(locked: dict[str, Any], installed: Path, dpkg: Path, epoch: int) -> dict[str, Any]:
    """The whole document.

    Args:
        locked: uv's own, of all that the lock file has for any platform.
        installed: the folder into which the packages were installed.
        dpkg: the base's database of Debian packages; a base without one has none to tell of.
        epoch: when the image was made, in seconds since the epoch.

    Raises:
        ValueError: something is installed that is not locked.
    """
    found = {
        _normal(one.metadata["Name"]): one.metadata for one in distributions(path=[str(installed)])
    }
    root = locked["metadata"]["component"]
    missing = found.keys() - {one["name"] for one in [root, *locked["components"]]}
    if missing:
        raise ValueError(f"installed and not locked: {', '.join(sorted(missing))}")
    components = [
        one | _licences(found[one["name"]]) for one in locked["components"] if one["name"] in found
    ]
    kept = {one["bom-ref"] for one in [root, *components]}
    made = {key: value for key, value in locked.items() if key != "serialNumber"}
    stamp = datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    root = root | {"type": "application"} | _licences(found[root["name"]])
    made["metadata"] = locked["metadata"] | {"timestamp": stamp, "component": root}
    made["components"] = components + [_of_debian(one) for one in debian_packages(dpkg)]
    made["dependencies"] = [
        one | {"dependsOn": [ref for ref in one.get("dependsOn", []) if ref in kept]}
        for one in locked["dependencies"]
        if one["ref"] in kept
    ]
    return made


def debian_packages(dpkg: Path) -> list[Message]:
    """The paragraphs of Debian's database, by name."""
    files = [path for path in (dpkg / "status", *sorted(dpkg.glob("status.d/*"))) if path.is_file()]
    texts = (text for file in files for text in file.read_text("utf-8").split("\n\n"))
    paragraphs = [Parser().parsestr(text) for text in texts if text.startswith("Package:")]
    return sorted(paragraphs, key=lambda one: str(one["Package"]))


def _normal(name: str) -> str:
    """As https://packaging.python.org/en/latest/specifications/name-normalization/ has it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _licences(metadata: Any) -> dict[str, Any]:
    """The licence as the package's author gives it, an SPDX expression if it says so."""
    if expression := metadata["License-Expression"]:
        return {"licenses": [{"expression": expression}]}
    named = [
        one.rpartition(" :: ")[2]
        for one in metadata.get_all("Classifier") or ()
        if one.startswith("License :: ")
    ]
    text = str(metadata["License"] or "").strip()
    if not named and text and "\n" not in text:
        named = [text]
    return {"licenses": [{"license": {"name": one}} for one in named]} if named else {}


def _of_debian(paragraph: Message) -> dict[str, Any]:
    name, version = str(paragraph["Package"]), str(paragraph["Version"])
    purl = f"pkg:deb/debian/{quote(name)}@{quote(version)}?arch={paragraph['Architecture']}"
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


if __name__ == "__main__":
    given, folder, database = map(Path, sys.argv[1:])
    told = document(
        json.loads(given.read_text("utf-8")),
        folder,
        database,
        int(os.environ["SOURCE_DATE_EPOCH"]),
    )
    json.dump(told, sys.stdout, indent=1)
    sys.stdout.write("\n")
