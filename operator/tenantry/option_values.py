"""What the values of options look like: addresses, durations, labels, names.

Below ``settings``, which says which options there are.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, NamedTuple
from urllib.parse import urlsplit

import durationpy
from pydantic import AfterValidator, BeforeValidator, Field

from tenantry.api.base import DnsLabel

HIGHEST_PORT: Final = 65535
_LABEL: Final = re.compile(r"[A-Za-z0-9][-A-Za-z0-9_./]*=[A-Za-z0-9][-A-Za-z0-9_.]*")


class Address(NamedTuple):
    """Where to listen: a host, or None for all interfaces, and a port, or 0 for a free one."""

    host: str | None
    port: int


@dataclass(frozen=True, slots=True)
class Metavar:
    """What stands for the value in help texts."""

    text: str


def address_of(text: str) -> Address:
    """Split ``host:port``, ``:port`` or ``[IPv6]:port``.

    Raises:
        ValueError: it is none of them.
    """
    host, colon, port = text.rpartition(":")
    if (
        not colon
        or not port.isdecimal()
        or int(port) > HIGHEST_PORT
        or (":" in host) != ("]" in host)
    ):
        raise ValueError("expected HOST:PORT, [IPv6]:PORT or :PORT, with a port from 0 to 65535")
    return Address(host.strip("[]") or None, int(port))


def _check_address(text: str) -> str:
    address_of(text)
    return text


def labels_of(text: str) -> dict[str, str]:
    """Split ``key=value,key=value``.

    Raises:
        ValueError: it is something else.
    """
    labels = text.split(",")
    if not all(_LABEL.fullmatch(one) for one in labels):
        raise ValueError("expected labels such as istio=ingress, with commas between them")
    return dict(one.split("=") for one in labels)


def _check_labels(text: str) -> str:
    labels_of(text)
    return text


def _check_url(text: str | None) -> str | None:
    url = urlsplit(text or "http://host")
    if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment:
        raise ValueError("expected a URL such as http://collector:4318")
    return text


def _seconds(value: object) -> object:
    """Seconds from a number or a Go duration; what is neither is left for pydantic to refuse."""
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        try:
            return durationpy.from_str(value).total_seconds()
        except durationpy.DurationError:
            raise ValueError("expected seconds or a duration such as 500ms, 90s or 1h30m") from None


def lowered(value: object) -> object:
    """Text in lower case; what is no text is left for pydantic to refuse."""
    return value.lower() if isinstance(value, str) else value


Seconds = Annotated[
    float, BeforeValidator(_seconds), Field(gt=0, allow_inf_nan=False), Metavar("DURATION")
]
Url = Annotated[str | None, AfterValidator(_check_url), Metavar("URL")]
Count = Annotated[int, Field(ge=1, le=10_000), Metavar("NUMBER")]
Listen = Annotated[str, AfterValidator(_check_address), Metavar("HOST:PORT")]
LabelsText = Annotated[str, AfterValidator(_check_labels), Metavar("KEY=VALUE")]
File = Annotated[Path | None, Metavar("FILE")]
Name = Annotated[DnsLabel, Metavar("NAME")]
