"""Fields that say who may do what."""

from spec_fields.field import Field, subjects
from tenantry.api.base import Manifest

BOT = {"kind": "ServiceAccount", "name": "bot", "namespace": "ci"}
ANN = {"kind": "User", "name": "ann"}
TEAM = {"kind": "Group", "name": "team"}

SUBJECTS = {
    "owners": Field(
        {"owners": [ANN, TEAM, BOT]},
        "RoleBinding",
        subjects,
        [("Group", None, "team"), ("ServiceAccount", "ci", "bot"), ("User", None, "ann")],
        name="tenantry-owners",
    ),
    "editors": Field(
        {"editors": [ANN, TEAM]},
        "RoleBinding",
        subjects,
        [("Group", None, "team"), ("User", None, "ann")],
        name="tenantry-editors",
        before={"editors": [TEAM]},
    ),
    "viewers": Field(
        {"viewers": [TEAM, BOT]},
        "RoleBinding",
        subjects,
        [("Group", None, "team"), ("ServiceAccount", "ci", "bot")],
        name="tenantry-viewers",
        before={"viewers": [TEAM]},
    ),
    "further roles' subjects": Field(
        {"roleBindings": [{"clusterRole": "quota-reader", "subjects": [ANN, TEAM]}]},
        "RoleBinding",
        subjects,
        [("Group", None, "team"), ("User", None, "ann")],
        name="tenantry-role-quota-reader",
        before={"roleBindings": [{"clusterRole": "quota-reader", "subjects": [TEAM]}]},
    ),
}

ROLES: dict[str, tuple[Manifest, str, str]] = {
    "editors": ({"editors": [TEAM]}, "tenantry-editors", "edit"),
    "viewers": ({"viewers": [TEAM]}, "tenantry-viewers", "view"),
    "a further role": (
        {"roleBindings": [{"clusterRole": "quota-reader", "subjects": [TEAM]}]},
        "tenantry-role-quota-reader",
        "quota-reader",
    ),
}
"""Given, and then a RoleBinding of this name to this ClusterRole."""
