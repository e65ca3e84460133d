"""Components that turn each knob of pods and of what makes them, to its ends.

For tests of what the API server says to it; ``knobs`` has those of what others define.
"""

from collections.abc import Iterator
from typing import Any, Final

Json = dict[str, Any]

DIGEST: Final = f"ghcr.io/acme/web@sha256:{'0' * 64}"
_ACTIONS: Final[dict[str, Json]] = {
    "HTTP": {"httpGet": {"path": "/a?b=c", "port": "admin", "scheme": "HTTPS"}},
    "HTTP at the first port": {"httpGet": {}},
    "TCP": {"tcpSocket": {"port": 9000}},
    "TCP at the first port": {"tcpSocket": {}},
    "gRPC": {"grpc": {"port": 9000, "service": "acme.Web"}},
    "gRPC at the first port": {"grpc": {}},
    "a command": {"exec": {"command": ["/bin/check", "--all", ""]}},
    "the first port": {},
}
_SLOW: Final = {
    "initialDelaySeconds": 3600,
    "periodSeconds": 3600,
    "timeoutSeconds": 600,
    "failureThreshold": 1000,
}
_OFTEN: Final = {"successThreshold": 100}
_KEY: Final = {"name": "settings.of.web", "key": "a-key.of_it"}
_ITEMS: Final = [{"key": "a", "path": "b/c"}, {"key": "d", "path": "e"}]

PROBES: Final[dict[str, Json]] = {
    **{
        f"probes: {name}": {"readiness": action | _OFTEN, "liveness": action, "startup": action}
        for name, action in _ACTIONS.items()
    },
    "probes: slow": {"readiness": _SLOW, "liveness": _SLOW, "startup": _SLOW},
    "probes: a path": {"path": "/health"},
    "probes: a path elsewhere": {"path": "/", "port": "admin", "scheme": "HTTPS"},
    "probes: a port": {"port": 9000},
}

VOLUMES: Final[list[Json]] = [
    {"name": "disk", "mountPath": "/disk", "emptyDir": {}},
    {"name": "memory", "mountPath": "/m", "emptyDir": {"medium": "Memory", "sizeLimit": "0.5Gi"}},
    {"name": "config", "mountPath": "/c", "configMap": {"name": "c.d", "optional": True}},
    {"name": "some", "mountPath": "/s", "configMap": {"name": "c", "items": _ITEMS}},
    {"name": "secret", "mountPath": "/t", "readOnly": True, "secret": {"secretName": "s"}},
    {"name": "keys", "mountPath": "/k", "secret": {"secretName": "s", "items": _ITEMS}},
    {
        "name": "claim",
        "mountPath": "/p",
        "subPath": "a/b",
        "persistentVolumeClaim": {"claimName": "p"},
    },
    {
        "name": "read",
        "mountPath": "/r",
        "readOnly": True,
        "persistentVolumeClaim": {"claimName": "p"},
    },
]

ENVIRONMENT: Final[Json] = {
    "env": [
        {"name": "EMPTY"},
        {"name": "A", "value": "$(EMPTY) and 'more'\n"},
        {"name": "SECRET", "valueFrom": {"secretKeyRef": _KEY | {"optional": True}}},
        {"name": "CONFIG", "valueFrom": {"configMapKeyRef": _KEY}},
        *(
            {"name": f"field-{number}", "valueFrom": {"fieldRef": {"fieldPath": path}}}
            for number, path in enumerate(
                (
                    *("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName"),
                    *("metadata.labels['app']", "metadata.annotations['acme.io/a']"),
                    *("spec.serviceAccountName", "status.podIP", "status.podIPs"),
                    *("status.hostIP", "status.hostIPs"),
                )
            )
        ),
    ],
    "envFrom": [
        {"configMapRef": {"name": "c"}},
        {"prefix": "S_", "secretRef": {"name": "s", "optional": True}},
    ],
}

PODS: Final[dict[str, Json]] = {
    "nothing": {},
    "environment": ENVIRONMENT,
    "volumes": {"volumes": VOLUMES},
    "files": {"files": {"/etc/app/a.yaml": "a: b\n", "/etc/app/b": "", "/srv/c-d_e.txt": "ü"}},
    "words": {"command": ["/bin/sh", "-c"], "args": ["echo $(A) $$(B)", ""]},
    "amounts": {
        "resources": {
            "requests": {"cpu": "0.1", "memory": "1e8", "ephemeral-storage": "1Gi"},
            "limits": {"cpu": "1500m", "memory": "0.5Gi", "ephemeral-storage": "2048Mi"},
        }
    },
    "as loose as can be": {
        "securityContext": {
            "readOnlyRootFilesystem": False,
            "runAsNonRoot": False,
            "runAsUser": 0,
            "runAsGroup": 0,
            "fsGroup": 0,
            "allowPrivilegeEscalation": True,
            "capabilities": {"add": ["NET_BIND_SERVICE", "SYS_TIME"]},
        }
    },
    "users": {"securityContext": {"runAsUser": 2147483647, "runAsGroup": 1, "fsGroup": 2147483647}},
    "nodes": {
        "nodeSelector": {"acme.io/pool": "", "zone": "a"},
        "tolerations": [
            {"key": "a", "value": "b", "effect": "NoSchedule"},
            {"key": "a", "operator": "Exists", "effect": "NoExecute"},
            {"key": "acme.io/c", "operator": "Exists"},
            {"key": "d"},
        ],
        "topologySpread": [
            {"topologyKey": "zone", "maxSkew": 100, "whenUnsatisfiable": "DoNotSchedule"},
            {"topologyKey": "kubernetes.io/hostname"},
        ],
    },
    "spread nowhere": {"topologySpread": []},
    "images": {"imagePullSecrets": ["a", "b"], "imagePullPolicy": "Never", "image": DIGEST},
    "an image that is always pulled": {"imagePullPolicy": "Always"},
    "at once": {"terminationGracePeriodSeconds": 0},
    "an hour": {"terminationGracePeriodSeconds": 3600},
    "an account": {"serviceAccount": {"name": "robot", "automountToken": True}},
    "costs": {"costLabels": {"product": "shop", "acme.io/part": "web"}},
    "an unknown class": {"priorityClassName": "high.up"},
}
"""Of the pods of any kind of workload."""

BUDGETS: Final[dict[str, Json]] = {
    "a share may go": {"maxUnavailable": "25%"},
    "all may go": {"maxUnavailable": "100%"},
    "more than there are may go": {"maxUnavailable": 1000},
    "a share stays": {"minAvailable": "99%"},
    "none stays": {"minAvailable": "0%"},
    "as many as there are stay": {"minAvailable": 3},
}

JOBS: Final[dict[str, Json]] = {
    "a usual one": {},
    "everything": {
        "timeZone": "Europe/Madrid",
        "concurrencyPolicy": "Replace",
        "suspend": True,
        "startingDeadlineSeconds": 86400,
        "successfulJobsHistoryLimit": 0,
        "failedJobsHistoryLimit": 100,
        "completions": 10000,
        "parallelism": 1000,
        "backoffLimit": 100,
        "activeDeadlineSeconds": 2592000,
        "ttlSecondsAfterFinished": 2592000,
        "restartPolicy": "Never",
    },
    "as little as can be": {
        "concurrencyPolicy": "Allow",
        "startingDeadlineSeconds": 10,
        "successfulJobsHistoryLimit": 100,
        "failedJobsHistoryLimit": 0,
        "parallelism": 0,
        "backoffLimit": 0,
        "activeDeadlineSeconds": 1,
        "ttlSecondsAfterFinished": 0,
    },
}
SCHEDULES: Final = ("*/5 0-6,22 1 jan-mar mon", "@hourly")

CLAIMS: Final[list[Json]] = [
    {"name": "data", "mountPath": "/data", "storage": "1.5Gi"},
    {
        "name": "more",
        "mountPath": "/more",
        "subPath": "a",
        "storage": "1e9",
        "storageClassName": "fast.ssd",
        "accessModes": ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"],
    },
    {"name": "own", "mountPath": "/own", "storage": "1Gi", "accessModes": ["ReadWriteOncePod"]},
]

KINDS: Final[dict[str, Json]] = {
    "Deployment": {},
    "StatefulSet": {"kind": "StatefulSet"},
    "DaemonSet": {"kind": "DaemonSet"},
    "Job": {"kind": "Job"},
    "CronJob": {"kind": "CronJob", "schedule": "@daily"},
}


def component(**more: Any) -> Json:
    """A component with two ports, of one image unless versions are given."""
    ports = [{"name": "http", "port": 80, "targetPort": 8080}, {"name": "admin", "port": 9000}]
    image = {} if "versions" in more else {"image": "ghcr.io/acme/web:1.0"}
    return {"name": "web", "ports": ports} | image | more


def pod_knobs() -> Iterator[tuple[str, Json]]:
    """What a knob does, and the component that turns it."""
    probes = {name: {"probes": given} for name, given in PROBES.items()}
    for name, pods in (PODS | probes).items():
        for kind, more in KINDS.items():
            yield f"{kind}: {name}", component(**pods, **more)
    for name, budget in BUDGETS.items():
        for kind in ("Deployment", "StatefulSet"):
            yield f"{kind}: {name}", component(disruptionBudget=budget, replicas=3, kind=kind)
    for name, job in JOBS.items():
        yield f"Job: {name}", component(kind="Job", job=job)
        for schedule in SCHEDULES:
            yield f"CronJob: {name}", component(kind="CronJob", job=job, schedule=schedule)
    yield "claims", component(kind="StatefulSet", volumeClaimTemplates=CLAIMS)
    own = ENVIRONMENT | {key: PODS["amounts"][key] for key in ("resources",)} | PODS["words"]
    versions = [
        {"name": "v1", "image": DIGEST, "replicas": 0} | own,
        {"name": "v2", "image": "web:1", "replicas": 1000},
    ]
    yield "versions", component(versions=versions, env=[{"name": "A", "value": "b"}])
