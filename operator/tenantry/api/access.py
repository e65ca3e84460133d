"""Who may act in a tenant's namespaces: RBAC subjects and the roles they are given."""

from typing import Annotated, Literal

from pydantic import Field

from tenantry.api.base import DnsLabel, Model
from tenantry.api.markers import list_map, list_set, rule, rules


class Subject(Model):
    """An RBAC subject: a user, a group, or a service account of a namespace."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "(self.kind == 'ServiceAccount') == (size(self.__namespace__) > 0)",
                "a ServiceAccount needs its namespace; a User or Group has none",
            ),
            rule(
                "self.kind == 'ServiceAccount' || !self.name.startsWith('system:') || "
                "(self.kind == 'Group' && "
                "self.name.matches('^system:serviceaccounts:[a-z0-9]([-a-z0-9]*[a-z0-9])?$'))",
                message_expression="'subject \"' + self.name + '\" belongs to the system or "
                "stands for everybody: name a user or group of the tenant, or use kind "
                "ServiceAccount'",
            ),
            rule(
                "self.kind != 'ServiceAccount' || "
                "self.name.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')",
                "a ServiceAccount's name has lower-case letters, digits, hyphens and dots",
            ),
        )
    }

    kind: Literal["User", "Group", "ServiceAccount"]
    """What the name is of."""
    name: Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^[:cntrl:]]+$")]
    """The user, group or service account, as the API server's authentication names it."""
    namespace: Annotated[
        str, Field(max_length=63, pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$")
    ] = ""
    """The service account's namespace; for users and groups it stays empty."""
    api_group: Literal["", "rbac.authorization.k8s.io"] = ""
    """As in a RoleBinding; follows from the kind when left out."""


Subjects = Annotated[
    list[Subject],
    Field(max_length=64, json_schema_extra=list_map("kind", "name", "namespace")),
]


class RoleBindingSpec(Model):
    """A ClusterRole that subjects hold in the tenant's namespaces, beyond the three roles."""

    cluster_role: Annotated[
        str,
        Field(
            min_length=1,
            max_length=253,
            pattern=r"^[^/%.][^/%]*$",
            json_schema_extra=rules(
                rule(
                    "self != 'cluster-admin'",
                    "cluster-admin in a namespace can delete its quota and isolation: "
                    "use owners, or a ClusterRole of your own",
                )
            ),
        ),
    ]
    """The ClusterRole; the operator must be allowed to bind it."""
    subjects: Annotated[
        list[Subject],
        Field(min_length=1, max_length=64, json_schema_extra=list_map("kind", "name", "namespace")),
    ]
    """Who holds it."""
    namespaces: Annotated[list[DnsLabel], Field(max_length=64, json_schema_extra=list_set())] = (
        Field(default=[])
    )
    """Short names of the namespaces it is held in; all of the tenant's when empty."""


RoleBindings = Annotated[
    list[RoleBindingSpec], Field(max_length=32, json_schema_extra=list_map("clusterRole"))
]
