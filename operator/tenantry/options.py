"""The options of ``Settings`` as a person meets them: what the help and the reference page show.

Everything here is read off the model, so that nothing is described twice. Only the sections are
an addition: a list of twenty flags needs some order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, get_args, get_origin

import durationpy
from pydantic.fields import FieldInfo

from tenantry.option_values import Metavar
from tenantry.settings import PREFIX, Settings

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "Cluster": ("kubeconfig", "context"),
    "Output": ("log_level", "log_format", "listen", "otlp_endpoint"),
    "Work": (
        "workers",
        "max_in_flight_writes",
        "writes_per_second",
        "request_timeout",
        "resync_interval",
        "discovery_interval",
        "backoff_base",
        "backoff_max",
        "usage_interval",
        "drain_timeout",
    ),
    "Applications": ("gateway_class", "ingress_gateway", "mesh_namespace", "cluster_domain"),
    "Leader election": (
        "leader_elect",
        "lease_name",
        "lease_namespace",
        "lease_duration",
        "lease_renew_deadline",
        "lease_retry_period",
    ),
    "Sources": ("config",),
}
"""The sections of the help and of the reference page, in order."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option as help texts and the reference page show it.

    Attributes:
        name: the attribute of ``Settings``.
        flag: ``--log-format``; switches have a ``--no-`` form too.
        variable: the environment variable.
        key: the key in the YAML file.
        metavar: what stands for the value; empty for a switch.
        choices: the values allowed, if they can be listed.
        default: as a user would write it; empty when there is none.
        description: one or two sentences.
    """

    name: str
    group: str
    flag: str
    variable: str
    key: str
    metavar: str
    choices: tuple[str, ...]
    default: str
    description: str

    @property
    def is_switch(self) -> bool:
        """Whether it takes no value on the command line."""
        return not self.metavar


def options() -> Iterator[Option]:
    """Every option of ``Settings``, by group."""
    for group, names in GROUPS.items():
        for name in names:
            yield _option(group, name, Settings.model_fields[name])


def _option(group: str, name: str, field: FieldInfo) -> Option:
    key = name.replace("_", "-")
    marks = [mark.text for mark in field.metadata if isinstance(mark, Metavar)]
    is_choice = get_origin(field.annotation) is Literal
    choices = get_args(field.annotation) if is_choice else ()
    default = field.default
    if isinstance(default, bool):
        default = str(default).lower()
    elif "DURATION" in marks:
        default = durationpy.to_str(timedelta(seconds=default))
    return Option(
        name=name,
        group=group,
        flag=f"--{key}",
        variable=PREFIX + name.upper(),
        key=key,
        metavar="|".join(choices) or "".join(marks),
        choices=choices,
        default="" if default is None else str(default),
        description=" ".join((field.description or "").split()),
    )
