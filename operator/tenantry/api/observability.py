"""What the mesh tells of an application's requests: traces and access logs."""

from typing import Annotated

from pydantic import Field

from tenantry.api.base import Model


class Tracing(Model):
    """Traces of requests."""

    sampling_percent: Annotated[int, Field(ge=0, le=100)] = 1
    """How many of the requests are traced, in percent."""


class AccessLog(Model):
    """A line for each request."""

    enabled: bool = True
    """Whether there is one."""
    only_errors: bool = False
    """Whether only requests that were answered with a status of 400 or above have one."""


class Observability(Model):
    """What the mesh tells of an application's requests; what is left out is up to the mesh."""

    tracing: Tracing | None = None
    """Traces of requests."""
    access_log: AccessLog | None = None
    """A line for each request."""
