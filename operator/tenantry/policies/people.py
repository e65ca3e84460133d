"""The cluster's own components, which admission must never hinder.

They are known by exact names, as the API server authenticates them; only who rules ``kube-system``
can be one of them. Where kube-controller-manager runs without a credential for each controller,
all of them are ``system:kube-controller-manager``.
"""

from typing import Final

from tenantry.policies.fragments import literal

_CONTROLLERS: Final = "system:serviceaccount:kube-system:"

CORE: Final = ("system:apiserver", "system:kube-controller-manager", "system:kube-scheduler")

CARETAKERS: Final = (
    *CORE,
    *(
        _CONTROLLERS + name
        for name in (
            "generic-garbage-collector",
            "namespace-controller",
            "resourcequota-controller",
            "root-ca-cert-publisher",
            "service-account-controller",
        )
    ),
)
"""Those that fill new namespaces, count what is in them, and empty them when they are deleted."""

KEEPERS: Final = tuple(
    _CONTROLLERS + name
    for name in (
        "daemon-set-controller",
        "deployment-controller",
        "job-controller",
        "replicaset-controller",
        "replication-controller",
        "statefulset-controller",
    )
)
"""Those that keep running what was started. The CronJob controller and the autoscaler start more.
"""

DAEMON_SETS: Final = (CORE[1], _CONTROLLERS + "daemon-set-controller")
"""Pins each pod that it makes to its node, by a required affinity to the node's name."""

BINDERS: Final = (CORE[1], _CONTROLLERS + "persistent-volume-binder")
"""Writes the volume that it has found, and the default class that came later, into a claim."""


def is_one_of(users: tuple[str, ...]) -> str:
    """CEL for whether one of these asks."""
    return f"request.userInfo.username in {literal(users)}"
