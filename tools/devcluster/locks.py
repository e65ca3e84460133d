"""One at a time: an advisory lock on a file or a directory, as the kernel keeps it.

flock(2) rather than a lock file's existence: the kernel lets go of it however its holder ends, so a
build or a start that was killed never blocks the next one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextlib.contextmanager
def exclusive(path: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[int]:
    """Hold the lock on a file (made if absent) or an existing directory.

    Args:
        path: What to lock.
        waiting: Called once before the wait, if another process holds it.

    Yields:
        The file descriptor that holds the lock. A child that inherits it holds the lock too: it is
        let go when the last of them ends.
    """
    flags = os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT
    descriptor = os.open(path, flags, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def folder(path: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[Path]:
    """Hold the lock on a folder, made if absent.

    Whoever held it before may have removed the folder, and with it what the lock was on: then a new
    one is made and locked instead.

    Args:
        path: The folder.
        waiting: Called before a wait, if another process holds it.

    Yields:
        The folder.
    """
    while True:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with exclusive(path, waiting) as descriptor:
            if path.exists() and path.stat().st_ino == os.fstat(descriptor).st_ino:
                yield path
                return
