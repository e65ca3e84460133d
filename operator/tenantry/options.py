"""The options of the settings as a person meets them: what the help and the reference page show.

Everything here is read off the model, so that nothing is described twice. Only the sections are
an addition: a list of twenty flags needs some order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, get_args, get_origin

import durationpy
from pydantic.fields import FieldInfo

from tenantry.meter_settings import MeterSettings
from tenantry.option_values import Metavar
from tenantry.settings import PREFIX, ProcessSettings, Settings

Command = Literal["run", "meter"]

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
METER_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "Cluster": ("kubeconfig", "context", "request_timeout"),
    "Output": ("log_level", "log_format", "listen"),
    "Store": ("database", "keep_hours", "keep_days"),
    "Work": ("flush_interval", "metrics_interval", "discovery_interval"),
    "Sources": ("config",),
}
"""The same of ``tenantry meter``."""
OF: Final[Mapping[Command, tuple[type[ProcessSettings], Mapping[str, tuple[str, ...]]]]] = {
    "run": (Settings, GROUPS),
    "meter": (MeterSettings, METER_GROUPS),
}
"""The settings of each command that has some, and their sections."""


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


def options(command: Command = "run") -> Iterator[Option]:
    """Every option of a command's settings, by group."""
    settings, groups = OF[command]
    for group, names in groups.items():
        for name in names:
            yield _option(group, name, settings.model_fields[name])


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
