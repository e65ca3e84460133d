"""What an Application becomes is admitted by Istio's own validation, which its webhook asks."""

from pathlib import Path

import pytest

import knobs
from devcluster import istio, progress
from knobs import ISTIO
from live_applications import application
from tenantry.api.application import Application
from tenantry.api.base import Manifest


@pytest.fixture(scope="module")
def validate() -> Path:
    return istio.program(progress.suited())


@pytest.fixture(scope="module")
def made() -> list[Manifest]:
    """The objects for Istio of Applications that turn every knob."""
    applications = [
        Application.parse(application("shop", "acme-prod", *components, **spec))
        for _, components, spec in knobs.knobs()
    ]
    everything = knobs.rendered(applications, ISTIO)
    return [one for one in everything if ".istio.io/" in one["apiVersion"]]


def test_every_knob_is_admitted_by_istio_without_a_warning(
    validate: Path, made: list[Manifest]
) -> None:
    assert {one["kind"] for one in made} == {*ISTIO, "Gateway"} - {"IstioGateway"}
    assert istio.said(made, validate) == []


def test_istio_would_have_said_what_is_wrong(validate: Path, made: list[Manifest]) -> None:
    for kind in ("VirtualService", "ServiceEntry", "Gateway"):
        (one, *_) = (each for each in made if each["kind"] == kind)
        (said,) = istio.said([one | {"spec": {}}], validate)
        assert said.startswith(f"{kind} {one['metadata']['name']}: ")
