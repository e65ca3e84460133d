"""The real kubectl."""

import asyncio
import sys
from pathlib import Path
from typing import Final

PROGRAM: Final = Path(sys.executable).with_name("kubectl")


class KubectlError(AssertionError):
    """It ended badly; shows what it said."""


async def kubectl(kubeconfig: Path, *arguments: str, stdin: str = "") -> str:
    """Run kubectl; gives its standard output.

    Raises:
        KubectlError: its exit code is not 0.
    """
    output, _ = await told(kubeconfig, *arguments, stdin=stdin)
    return output


async def told(kubeconfig: Path, *arguments: str, stdin: str = "") -> tuple[str, str]:
    """Run kubectl; gives its standard output, and its standard error, where warnings are.

    Raises:
        KubectlError: its exit code is not 0.
    """
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        "--kubeconfig",
        str(kubeconfig),
        "--cache-dir",
        str(kubeconfig.with_name("kubectl-cache")),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate(stdin.encode())
    if process.returncode:
        raise KubectlError(f"kubectl {' '.join(arguments)}: {errors.decode()}")
    return output.decode(), errors.decode()
