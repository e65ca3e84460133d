"""A replica that takes part in the election and does nothing else: a process to kill.

Reads its options as the operator does; writes ``leading``, with the time, when it leads, and ends
as the operator does: by SIGTERM it gives the lease back, and when the lease is lost it fails.
"""

import asyncio
import signal
import sys
import time

from tenantry.cluster.client import Client
from tenantry.cluster.connection import connect
from tenantry.cluster.lease import Elector, LeaseLost
from tenantry.settings import Settings, load
from tenantry.telemetry import logging


def tell(word: str) -> None:
    """Write a line that the test reads at once."""
    sys.stdout.write(f"{word} {time.time()}\n")
    sys.stdout.flush()


async def main(settings: Settings) -> int:
    """Wait, lead, hold until told to stop or overthrown; gives the exit code."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    connection = await connect(settings.kubeconfig)
    try:
        elector = Elector(Client(connection), settings)
        tell("waiting")
        await elector.acquire()
        tell("leading")
        holding = asyncio.create_task(elector.hold())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([holding, stopping], return_when=asyncio.FIRST_COMPLETED)
        overthrown = holding.done() and isinstance(holding.exception(), LeaseLost)
        holding.cancel()
        stopping.cancel()
        await asyncio.wait([holding, stopping])
        await elector.release()
    finally:
        await connection.close()
    tell("lost" if overthrown else "released")
    return 1 if overthrown else 0


if __name__ == "__main__":
    chosen = load({})
    logging.configure("json", "info")
    sys.exit(asyncio.run(main(chosen)))
