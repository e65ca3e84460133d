"""Tasks that a process lives by: signals end it well, a task that ends by itself ends it badly."""

import asyncio
import signal
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
Task = asyncio.Task[Any]


class OperatorFailed(Exception):  # noqa: N818 - reads as what happened
    """The operator cannot start or go on; the message says what to do."""


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set ``stop`` when the process is told to end, by SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


async def first_of(stop: asyncio.Event, tasks: Sequence[Task]) -> None:
    """Wait until the process is told to stop, or one of the tasks ends by itself."""
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    await cancel([stopping])


async def unless_stopped(
    stop: asyncio.Event, work: Coroutine[Any, Any, T], vital: Sequence[Task] = ()
) -> T | None:
    """Do some work, but only until the process is told to stop; gives None then.

    Raises:
        OperatorFailed: one of the tasks that the process lives by has ended before.
    """
    task = asyncio.create_task(work)
    await first_of(stop, [task, *vital])
    if task.done():
        return task.result()
    await cancel([task])
    raise_if_failed(vital)
    return None


def ended(tasks: Sequence[Task]) -> list[str]:
    """What should be running and is not, a line each."""
    return [f"the {task.get_name()} has ended" for task in tasks if task.done()]


async def cancel(tasks: Sequence[Task]) -> None:
    """Cancel tasks and wait for their end."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


def raise_if_failed(tasks: Sequence[Task]) -> None:
    """Raise what the first failed task failed with.

    Raises:
        OperatorFailed: with the task's name and its exception as the cause.
    """
    for task in tasks:
        problem = None if task.cancelled() or not task.done() else task.exception()
        if problem is not None:
            raise OperatorFailed(f"the {task.get_name()} ended: {problem}") from problem
