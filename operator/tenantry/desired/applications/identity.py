"""What a version of a component runs, as its developers wrote it: by this, runs are told apart.

Of what they wrote and not of what is rendered from it, lest a new release of the operator, or
another cost label, ran a Job again or began a rollout anew.
"""

from collections.abc import Collection
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.components import Component

RUN_BY: Final = frozenset(
    {
        "args",
        "command",
        "env",
        "env_from",
        "files",
        "image_pull_secrets",
        "node_selector",
        "priority_class_name",
        "resources",
        "security_context",
        "service_account",
        "tolerations",
        "volumes",
    }
)
"""Fields of a component that say what it runs, and how."""


def asked(component: Component, fields: Collection[str] = RUN_BY) -> Manifest:
    """What a component says in some of its fields, defaults left out.

    Args:
        component: as the version has it that is meant (``defaults.with_version``).
        fields: names of fields of the model.
    """
    return component.model_dump(mode="json", exclude_defaults=True, include={*fields})
