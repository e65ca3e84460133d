"""Values of the meter, which counts what tenants use, hour by hour."""

from typing import Annotated, Any

from pydantic import Field

from generate.chart.base import Objects, Port, Quantity, Resources, Texts, Values


class Persistence(Values):
    """The volume that the meter keeps its counts on; it stays when the release is uninstalled."""

    size: Quantity = "10Gi"
    """How much it holds."""
    storage_class: Annotated[str, Field(max_length=253)] = ""
    """Its StorageClass. Empty: the cluster's default."""


class Database(Values):
    """PostgreSQL instead of a file on the volume."""

    secret_name: Annotated[str, Field(max_length=253)] = ""
    """A Secret in the release's namespace with the database's URL. Empty: SQLite on the volume."""
    secret_key: Annotated[str, Field(min_length=1, max_length=253)] = "url"  # noqa: S105 - a name
    """The key of the URL in it."""
    peers: Objects = Field(default=[])
    """Where the database is, as peers of a NetworkPolicy."""
    port: Port = 5432
    """The database's port."""


class Meter(Values):
    """What counts what tenants use, hour by hour."""

    enabled: bool = True
    """Whether it runs."""
    options: dict[str, Any] = Field(default={})
    """Options of tenantry meter, by their keys in its configuration file."""
    env: Objects = Field(default=[])
    """Further environment variables, as a container has them."""
    resources: Resources = Resources(
        requests={"cpu": "100m", "memory": "256Mi"}, limits={"memory": "512Mi"}
    )
    """What the meter's pod may use."""
    persistence: Persistence = Persistence()
    """The volume that the meter keeps its counts on; it stays when the release is uninstalled."""
    database: Database = Database()
    """PostgreSQL instead of a file on the volume."""
    reports_from: Objects = Field(default=[])
    """Peers that may read reports, beside those that may read metrics."""
    service_account_annotations: Texts = Field(default={})
    """Annotations of the meter's ServiceAccount, which is called as the release, and -meter."""
    node_selector: Texts = Field(default={})
    """Nodes that the meter's pod may run on."""
    tolerations: Objects = Field(default=[])
    """Taints that the meter's pod tolerates."""
