"""The Application: microservices that are run, connected and watched as one.

This is what a tenant's developers write, in a namespace of the tenant. Whose it is follows from the
namespace and cannot be chosen; what the Tenant allows bounds what an Application may ask for.
"""

from typing import Annotated, Literal, Self

from pydantic import Field

from tenantry.api.application_rules import SPEC_RULES
from tenantry.api.application_status import ApplicationStatus
from tenantry.api.base import LabelValue, Manifest, Model
from tenantry.api.budgets import Budget
from tenantry.api.components import Component, ComponentDefaults, CostLabels
from tenantry.api.dependencies import Egresses
from tenantry.api.markers import list_atomic, list_map, rules
from tenantry.api.observability import Observability
from tenantry.api.tenant import Contact, Metadata

Criticality = Literal["low", "medium", "high", "critical"]


class Owner(Model):
    """Who answers for the application."""

    team: LabelValue = ""
    """The team."""
    contacts: Annotated[list[Contact], Field(max_length=8, json_schema_extra=list_atomic())] = (
        Field(default=[])
    )
    """Whom to talk to."""


class Link(Model):
    """A page about the application."""

    url: Annotated[str, Field(min_length=1, max_length=512, pattern=r"^https?://[^[:space:]]+$")]
    """Where it is."""
    description: Annotated[str, Field(max_length=128)] = ""
    """What it shows: a runbook, a dashboard, the source."""


class ImagePolicy(Model):
    """Which images components may name."""

    allow_latest: bool = False
    """Whether a tag may be ``latest`` or left out, so that what runs depends on when it started."""
    require_digest: bool = False
    """Whether images must be named by digest, so that what runs can never change."""


class ApplicationPolicy(Model):
    """How strictly the application is closed."""

    network_policy: Literal["Enforce", "Disabled"] = "Enforce"
    """Whether NetworkPolicies admit what is declared and nothing else; Disabled leaves the
    namespace's floor."""
    mtls: Literal["Strict", "Permissive", "Disabled"] = "Strict"
    """Whether pods in the mesh answer encrypted and authenticated connections only (Strict), others
    too (Permissive), or this is left to the mesh (Disabled)."""
    authorization: bool = True
    """Whether, in the mesh, callers are admitted by their service identity."""
    image: ImagePolicy = Field(default=ImagePolicy())
    """Which images components may name."""


class ApplicationCost(Model):
    """How its cost is told apart from that of the tenant's others."""

    labels: CostLabels = Field(default={})
    """Labels for cost reports, such as ``product``."""
    budget: Budget | None = None
    """What a month may cost; needs the cost meter."""


class ApplicationSpec(Model):
    """What the developers want to run."""

    model_config = Model.model_config | {"json_schema_extra": rules(*SPEC_RULES)}

    description: Annotated[str, Field(max_length=1024)] = ""
    """What it is for."""
    owner: Owner = Field(default=Owner())
    """Who answers for it."""
    links: Annotated[list[Link], Field(max_length=16, json_schema_extra=list_map("url"))] = Field(
        default=[]
    )
    """Pages about it."""
    criticality: Criticality = "medium"
    """How bad it is when it is down."""
    components: Annotated[
        list[Component], Field(min_length=1, max_length=32, json_schema_extra=list_map("name"))
    ]
    """What it is made of; a name and an image are enough for each."""
    defaults: ComponentDefaults = Field(default=ComponentDefaults())
    """What holds for all components that do not say otherwise."""
    egress: Egresses = Field(default=[])
    """Servers outside the cluster that all components call."""
    policy: ApplicationPolicy = Field(default=ApplicationPolicy())
    """How strictly it is closed."""
    observability: Observability = Field(default=Observability())
    """What the mesh tells of its requests."""
    cost: ApplicationCost = Field(default=ApplicationCost())
    """How its cost is told apart."""


class ApplicationMetadata(Metadata):
    """What of an Application's metadata matters here."""

    namespace: str = ""
    annotations: dict[str, str] = Field(default={})


class Application(Model):
    """An Application as the API server has it."""

    metadata: ApplicationMetadata
    spec: ApplicationSpec
    status: ApplicationStatus = Field(default=ApplicationStatus())

    @classmethod
    def parse(cls, manifest: Manifest) -> Self:
        """Read a manifest that the API server has admitted, or that a person wrote.

        Raises:
            pydantic.ValidationError: it is not an Application; each error has the field's path.
        """
        return cls.model_validate(manifest)

    @property
    def name(self) -> str:
        """The Application's name."""
        return self.metadata.name

    @property
    def namespace(self) -> str:
        """The namespace that it and all it is made of are in."""
        return self.metadata.namespace

    @property
    def is_being_deleted(self) -> bool:
        """Whether somebody has asked the API server to delete it."""
        return self.metadata.deletion_timestamp is not None
