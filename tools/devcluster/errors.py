"""What can go wrong between `make cluster` and a cluster, each with what to do about it.

Every module here raises these and nothing else for conditions that a person can mend; the command
line prints them without a traceback. Programming errors keep theirs.
"""

from __future__ import annotations


class DevClusterError(Exception):
    """A condition outside of this package that stops a build or a start.

    Args:
        message: What happened, in one line or with the log that shows it.
        advice: What the reader can do about it.
    """

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message, advice)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message}\n{self.advice}"


class NoToolchainError(DevClusterError):
    """No Go toolchain, or one too old for the pinned module."""


class NoDiskError(DevClusterError):
    """Not enough free space for the build or for a cluster's state."""


class NoNetworkError(DevClusterError):
    """The Go module proxy could not be reached."""


class BuildError(DevClusterError):
    """The Go toolchain refused or failed for a reason of its own."""


class PortTakenError(DevClusterError):
    """Another program listens on a port that was asked for."""


class ComponentError(DevClusterError):
    """A program of the control plane ended, or did not become ready in time."""


class StaleClusterError(DevClusterError):
    """A directory holds a cluster that is not (fully) running."""
