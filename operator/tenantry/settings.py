"""The operator's options: read once at start, frozen, and passed in to whoever needs them.

The model is the only place where an option is described. ``tenantry run --help`` and the
reference page are made from it (``options``); a flag, a variable and a key of the file differ in
spelling only: ``--log-format``, ``TENANTRY_LOG_FORMAT``, ``log-format:``. The first of flags,
environment, file and defaults that knows an option decides.

No option may be called ``port``, ``service_host`` or ``service_port``: for a Service named
``tenantry`` the kubelet puts variables of those names into every pod beside it
(https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
"""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar

import yaml
from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from tenantry.api.base import DnsLabel
from tenantry.api.containers import ObjectName
from tenantry.api.platform import USUAL, Platform
from tenantry.option_values import (
    Count,
    File,
    LabelsText,
    Listen,
    Metavar,
    Name,
    Seconds,
    Url,
    labels_of,
    lowered,
)

PREFIX: Final = "TENANTRY_"
Model = TypeVar("Model", bound=BaseSettings)
JITTER_FACTOR: Final = 1.2
"""How much longer than its period a retry of the election may wait, as in client-go."""


class SettingsError(ValueError):
    """An option that cannot be used; the message is one line and names the flag."""


class ProcessSettings(BaseSettings):
    """What every process that stays can be told. Durations are seconds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )

    config: File = None
    """A YAML file with options, their keys spelled like the flags without the dashes."""

    kubeconfig: File = None
    """A kubeconfig file. Without it: the pod's service account, else $KUBECONFIG, else
    ~/.kube/config."""
    context: Annotated[str | None, Field(min_length=1), Metavar("NAME")] = None
    """A context of the kubeconfig, instead of its current one."""

    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(lowered)] = (
        "info"
    )
    """The least severe messages to log; debug adds tracebacks to errors. In the file it may be
    changed while the operator runs."""
    log_format: Annotated[Literal["auto", "json", "console"], BeforeValidator(lowered)] = "auto"
    """One JSON object a line, or text for a person; auto is console on a terminal, else json."""

    listen: Listen = ":8080"
    """Where to serve /healthz, /readyz and /metrics; port 0 takes a free one and logs it."""
    request_timeout: Seconds = 30
    """How long to wait for an answer of the API server."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - there is no .env file
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - nor secrets
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags (given as arguments), then environment, then the file that one of them names."""
        path = init_settings().get("config") or env_settings().get("config")
        file = InitSettingsSource(settings_cls, _read(Path(path), settings_cls) if path else {})
        return init_settings, env_settings, file


class Settings(ProcessSettings):
    """Everything that an operator process can be told."""

    otlp_endpoint: Url = None
    """Where to send traces of what the operator does, by OTLP over HTTP, such as
    http://collector:4318. Without it there are none."""

    workers: Count = 24
    """Tenants that are reconciled at the same time."""
    max_in_flight_writes: Count = 64
    """Writes that may wait for the API server at the same time; eight at most while something is
    being repaired. Repairs have places of their own."""
    writes_per_second: Annotated[
        float, Field(gt=0, le=1_000_000, allow_inf_nan=False), Metavar("NUMBER")
    ] = 1000
    """Writes to the API server on average; as many at once are let through after a pause."""
    resync_interval: Seconds = 600
    """Between two full lists, which find what a cut watch has missed."""
    discovery_interval: Seconds = 30
    """Between two looks for kinds of other projects (Istio, the Gateway API) that are not there."""
    backoff_base: Seconds = 0.1
    """Before a failed tenant is tried again; doubled with each failure."""
    backoff_max: Seconds = 300
    """The longest wait before a failed tenant is tried again."""
    usage_interval: Seconds = 10
    """How often the usage in a Tenant's status may be rewritten."""
    drain_timeout: Seconds = 20
    """How long a stopping operator may take to finish what it has begun; keep it below the pod's
    terminationGracePeriodSeconds."""

    gateway_class: Annotated[ObjectName | None, Metavar("NAME")] = None
    """GatewayClass of the Gateways that are made for hosts of Applications which name none. Without
    it such hosts are left to Ingress where there is no Istio: the Gateway API has no default
    class."""
    ingress_gateway: LabelsText = ",".join("=".join(one) for one in USUAL.ingress_gateway.items())
    """Labels of the pods of Istio's gateway at the edge, with commas; Istio's chart for gateways
    labels them by its release's name, such as istio=ingress."""
    mesh_namespace: Name = USUAL.mesh_namespace
    """The namespace of Istio's control plane."""
    cluster_domain: Annotated[ObjectName, Metavar("DOMAIN")] = USUAL.cluster_domain
    """The last part of the names of Services."""

    leader_elect: bool = False
    """Take a Lease before working, so that several replicas can stand by."""
    lease_name: Name = "tenantry"
    """The Lease's name."""
    lease_namespace: Annotated[DnsLabel | None, Metavar("NAME")] = None
    """The Lease's namespace. Without it: the pod's own, or default outside a cluster."""
    lease_duration: Annotated[Seconds, Field(ge=1)] = 15
    """How long the others wait for a leader that is silent."""
    lease_renew_deadline: Seconds = 10
    """How long a leader tries to renew before it gives up and ends."""
    lease_retry_period: Seconds = 2
    """Between two attempts to take or to renew the Lease."""

    @property
    def platform(self) -> Platform:
        """What of the platform Applications depend on and the cluster does not tell."""
        return Platform(
            gateway_class=self.gateway_class or "",
            ingress_gateway=labels_of(self.ingress_gateway),
            mesh_namespace=self.mesh_namespace,
            cluster_domain=self.cluster_domain,
        )

    @model_validator(mode="after")
    def _durations_must_fit(self) -> Self:
        """The relations that client-go demands of an election, and one of our own."""
        if self.lease_duration <= self.lease_renew_deadline:
            raise ValueError("--lease-duration: must be longer than --lease-renew-deadline")
        if self.lease_renew_deadline <= self.lease_retry_period * JITTER_FACTOR:
            least = f"{JITTER_FACTOR} times --lease-retry-period"
            raise ValueError(f"--lease-renew-deadline: must be longer than {least}")
        if self.backoff_max < self.backoff_base:
            raise ValueError("--backoff-max: must not be shorter than --backoff-base")
        return self


def load(flags: Mapping[str, Any]) -> Settings:
    """The operator's options, as ``load_into``."""
    return load_into(Settings, flags)


def load_into(model: type[Model], flags: Mapping[str, Any]) -> Model:
    """Read all sources.

    Args:
        model: of the options of a process.
        flags: what the command line says, by attribute name; only what was given.

    Raises:
        SettingsError: a value cannot be used.
    """
    try:
        return model(**flags)
    except ValidationError as problem:
        raise SettingsError(_explain(problem, flags)) from problem


def _read(path: Path, model: type[BaseSettings]) -> dict[str, Any]:
    """The file's options by attribute name."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or str(problem)
        raise SettingsError(f"--config: cannot read {path}: {why.lower()}") from problem
    except yaml.YAMLError as problem:
        raise SettingsError(f"--config: {path}: {' '.join(str(problem).split())}") from problem
    if not isinstance(content, dict | None):
        raise SettingsError(f"--config: {path}: expected options, one a line, like workers: 8")
    keys = {name.replace("_", "-"): name for name in model.model_fields if name != "config"}
    for key in content or {}:
        if key not in keys:
            near = get_close_matches(str(key), keys, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise SettingsError(f"--config: {path}: there is no option {key!r}{hint}")
    return {keys[key]: value for key, value in (content or {}).items()}


def _explain(problem: ValidationError, flags: Mapping[str, Any]) -> str:
    """The first mistake, in one line: flag, what is wrong, the value, where it came from."""
    first = problem.errors()[0]
    cause = first.get("ctx", {}).get("error")
    what = str(cause) if cause else first["msg"][:1].lower() + first["msg"][1:]
    if not first["loc"]:  # a rule between options, which names them itself
        return what
    name = str(first["loc"][0])
    variable = PREFIX + name.upper()
    origin = "" if name in flags else f" in {variable if variable in os.environ else 'the file'}"
    return f"--{name.replace('_', '-')}: {what}, not {first['input']!r}{origin}"
