"""The validator's environment: made once, by one process at a time, kept in the user's cache."""

import os
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path
from typing import Final

from devcluster.locks import exclusive

REQUIREMENTS: Final = Path(__file__).with_name("requirements.txt")
_PEP_701: Final = (3, 12)
"""From this Python on, an expression in an f-string may have a backslash in it."""
_CONVERTER: Final = "focus_validator/config_objects/focus_to_duckdb_converter.py"
_WITH_BACKSLASHES: Final = r"""f"'{k.replace('\"', '\"\"')}'" for k"""
_WITHOUT: Final = """"'" + k.replace('"', '""') + "'" for k"""


def validator() -> Path:
    """The program, installed if it is not yet.

    Raises:
        subprocess.CalledProcessError: it cannot be installed.
    """
    home = _cache() / f"focus-validator-{_fingerprint()}"
    program = home / "bin" / "focus-validator"
    home.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(home.with_suffix(".lock")):
        if not (home / "done").exists():
            _install(home)
            (home / "done").touch()
    return program


def site_packages(program: Path) -> Path:
    """Where its modules are: it finds its own files by paths relative to there."""
    return _packages(program.parent.parent)


def _packages(home: Path) -> Path:
    return home / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tenantry"


def _fingerprint() -> str:
    told = sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    return f"{told}-py{sys.version_info[0]}.{sys.version_info[1]}"


def _install(home: Path) -> None:
    venv.create(home, with_pip=True, clear=True)
    # It asks for Python 3.12 and needs it in one line.
    options = ["--quiet", "--no-deps", "--no-warn-script-location"]
    ignore = ["--ignore-requires-python"] if sys.version_info < _PEP_701 else []
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    subprocess.run([*pip, *options, *ignore, "-r", str(REQUIREMENTS)], check=True)
    if sys.version_info < _PEP_701:
        module = _packages(home) / _CONVERTER
        text = module.read_text(encoding="utf-8")
        if _WITH_BACKSLASHES not in text:
            raise RuntimeError(f"{module} is not what this was written for: read it again")
        module.write_text(text.replace(_WITH_BACKSLASHES, _WITHOUT), encoding="utf-8")
