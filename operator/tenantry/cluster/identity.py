"""Who this process is, for those who read a Lease."""

import socket
from pathlib import Path
from typing import Final
from uuid import uuid4

NAMESPACE_FILE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


def own_identity() -> str:
    """A name for this process that no other ever has, and that tells a person which pod it is."""
    return f"{socket.gethostname()}_{uuid4()}"


def own_namespace() -> str:
    """The pod's namespace, or ``default`` outside a cluster."""
    try:
        return NAMESPACE_FILE.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return "default"
