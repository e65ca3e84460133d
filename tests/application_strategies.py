"""Valid Applications over all that is rendered, small enough that names meet each other."""

from typing import Any

from hypothesis import strategies as st

from strategies import short_names
from tenantry.api.application import Application

Json = dict[str, Any]

_COUNTS = st.integers(0, 5)
_SHARES = st.sampled_from(["0%", "1%", "50%", "99%", "100%"])
_NUMBERS = st.sampled_from([80, 8080, 9090])


def _maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional=fields)


def _named(item: st.SearchStrategy[Json]) -> st.SearchStrategy[list[Json]]:
    return st.lists(item, max_size=3, unique_by=lambda one: one["name"])


env = _named(
    st.one_of(
        st.fixed_dictionaries(
            {"name": st.sampled_from(["A", "B"]), "value": st.text("x", max_size=2)}
        ),
        st.just({"name": "C", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "c"}}}),
        st.just({"name": "D", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}),
    )
)
volumes = st.lists(
    st.sampled_from(
        [
            {"name": "tmp", "mountPath": "/scratch", "emptyDir": {"sizeLimit": "1024Mi"}},
            {"name": "cfg", "mountPath": "/cfg", "configMap": {"name": "cfg"}, "readOnly": True},
            {"name": "key", "mountPath": "/key", "secret": {"secretName": "key"}},
            {"name": "data", "mountPath": "/data", "persistentVolumeClaim": {"claimName": "data"}},
        ]
    ),
    max_size=3,
    unique_by=lambda volume: volume["name"],
)
budgets = st.one_of(
    st.builds(lambda value: {"minAvailable": value}, st.one_of(_COUNTS, _SHARES)),
    st.builds(lambda value: {"maxUnavailable": value}, st.one_of(_COUNTS, _SHARES)),
)
autoscaling = st.builds(
    lambda bounds, more: {"minReplicas": min(bounds), "maxReplicas": max(bounds)} | more,
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    _maybe(cpu=st.just(70), memory=st.just(80)),
)
probes = st.sampled_from(
    [
        {},
        {"path": "/health"},
        {"port": 8080},
        {"path": "/health", "liveness": {"exec": {"command": ["true"]}}},
        {"readiness": {"grpc": {}}},
        {"startup": {}},
    ]
)
_SETTINGS = {
    "replicas": _COUNTS,
    "env": env,
    "volumes": volumes,
    "disruptionBudget": budgets,
    "autoscaling": autoscaling,
    "probes": probes,
    "metrics": _maybe(port=_NUMBERS),
    "resources": st.just({"requests": {"cpu": "1000m"}, "limits": {"memory": "1024Mi"}}),
    "topologySpread": st.sampled_from([[], [{"topologyKey": "zone"}]]),
    "imagePullSecrets": st.sampled_from([[], ["registry"]]),
    "tolerations": st.just([{"key": "spot", "operator": "Exists"}]),
}
ports = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["http", "grpc-api", "metrics", "x"]), "port": _NUMBERS},
        optional={"targetPort": _NUMBERS, "protocol": st.sampled_from(["TCP", "UDP"])},
    ),
    max_size=3,
    unique_by=(
        lambda port: port["name"],
        lambda port: (port["port"], port.get("protocol", "TCP")),
    ),
)
versions = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["v1", "v2", "b"]), "image": st.sampled_from(["web:1", "web"])},
        optional={"replicas": _COUNTS, "env": env, "args": st.just(["-v"])},
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda version: version["name"],
)
kinds = st.sampled_from(["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"])
components = st.builds(
    lambda name, kind, more, settings: {
        "name": name,
        "kind": kind,
        **({"schedule": "@daily"} if kind == "CronJob" else {}),
        **more,
        **settings,
    },
    short_names,
    kinds,
    st.fixed_dictionaries(
        {"versions": versions},
        optional={
            "ports": ports,
            "files": st.just({"/etc/app/a.conf": "a", "/etc/b/a.conf": "b"}),
            "serviceAccount": _maybe(name=st.sampled_from(["own", "default"])),
            "costLabels": st.just({"product": "books"}),
            "volumeClaimTemplates": st.just(
                [{"name": "disk", "mountPath": "/disk", "storage": "1024Mi"}]
            ),
        },
    ),
    _maybe(**_SETTINGS),
)


def _called(component: Json) -> list[str]:
    return [f"{component['name']}-{one['name']}" for one in component["versions"]]


def _tells_all_apart(all_components: list[Json]) -> bool:
    """As the API server demands: no two Services have one name."""
    names = [one["name"] for one in all_components]
    names += [name for one in all_components for name in _called(one)]
    return len(names) == len(set(names))


manifests = st.builds(
    lambda name, chosen, defaults, cost: {
        "metadata": {"name": name, "namespace": "acme-prod"},
        "spec": {"components": chosen, "defaults": defaults, "cost": cost},
    },
    short_names,
    st.lists(components, min_size=1, max_size=3).filter(_tells_all_apart),
    _maybe(port=_NUMBERS, imageRegistry=st.just("registry.example.com/acme"), **_SETTINGS),
    _maybe(labels=st.just({"product": "shop", "example.com/team": "books"})),
)
applications = manifests.map(Application.parse)


def names_of(application: Application) -> set[str]:
    """What no two Applications of a namespace may both have: names of components and versions."""
    spec = application.spec
    return {one.name for one in spec.components} | {
        f"{one.name}-{version.name}" for one in spec.components for version in one.all_versions
    }
