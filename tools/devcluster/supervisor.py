"""Ends a cluster whose owner is gone. Run as a program: `python -I supervisor.py [FOLDER]`.

A test session that is killed cannot clean up, and five servers must not outlive it. Standard input
is a pipe whose other end only the owner holds: the kernel closes it however the owner ends. Then
everything in this process's group is killed and the folder, if one is named, is removed.

Why not PR_SET_PDEATHSIG: it fires when the *thread* that started the child ends, so a cluster
started from a worker thread would die with that thread; it needs code between fork and exec, which
is unsafe with threads; and only Linux has it.
"""

from __future__ import annotations

import os
import shutil
import sys

import psutil


def main(arguments: list[str]) -> None:
    """Wait for the owner's end, then clean up."""
    sys.stdin.buffer.read()
    group = os.getpgrp()
    others = [process for process in psutil.process_iter() if belongs(process, group)]
    for process in others:
        process.kill()
    psutil.wait_procs(others, timeout=10)
    for folder in arguments:
        shutil.rmtree(folder, ignore_errors=True)


def belongs(process: psutil.Process, group: int) -> bool:
    """Tell whether a process is in the group, and not this one."""
    try:
        return process.pid != os.getpid() and os.getpgid(process.pid) == group
    except ProcessLookupError:
        return False


if __name__ == "__main__":
    main(sys.argv[1:])
