"""Free ports that stay free until their program listens.

Asking the kernel for a port and closing the socket leaves a gap in which another cluster, or any
outgoing connection, may take it. Here the socket stays bound, without listening, for as long as the
cluster is held: with SO_REUSEADDR set on it afterwards Linux lets a listener with the same option
(Go sets it always) share the port, while the kernel hands it to nobody else. Measured in
tests/devcluster.
"""

from __future__ import annotations

import contextlib
import socket
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import psutil

from devcluster.errors import PortTakenError

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST: Final = "127.0.0.1"


@dataclass(frozen=True)
class Reservation:
    """Ports that are ours.

    Args:
        ports: Program name -> port.
    """

    ports: dict[str, int]
    _sockets: tuple[socket.socket, ...] = field(repr=False)

    def release(self) -> None:
        """Let go of the ports that nobody listens on."""
        for held in self._sockets:
            held.close()


def reserve(names: Sequence[str], wanted: dict[str, int] | None = None) -> Reservation:
    """Reserve a port on the loopback interface for each name.

    Args:
        names: Who needs one.
        wanted: Ports that must be these and no others.

    Raises:
        PortTakenError: A wanted port is in use.
    """
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(bound((wanted or {}).get(name, 0))) for name in names]
        ports = {name: int(one.getsockname()[1]) for name, one in zip(names, held, strict=True)}
        if sys.platform != "linux":  # elsewhere a bound socket keeps the listener out, too
            return Reservation(ports, ())
        stack.pop_all()
    return Reservation(ports, tuple(held))


def bound(port: int) -> socket.socket:
    """Bind a socket to a port that nobody uses; 0 lets the kernel choose."""
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        one.bind((HOST, port))
    except OSError as error:
        one.close()
        raise taken(port) from error
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return one


def taken(port: int) -> PortTakenError:
    """Say who has a port, as far as this user may know."""
    return PortTakenError(
        f"Port {port} on {HOST} is taken by {holder(port) or 'another program'}.",
        "Stop that program, or choose another port, or none to get a free one.",
    )


def holder(port: int) -> str | None:
    """Name the process that listens on a port; None if it is another user's."""
    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return None
