"""Valid Tenants over the whole spec, small enough that names and amounts meet each other."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from tenantry.api.tenant import Tenant

settings.register_profile("specs", settings.get_profile("tenantry"), max_examples=50)
settings.load_profile("specs")

Json = dict[str, Any]

short_names = st.from_regex(r"[ab](-?[ab]){0,4}", fullmatch=True)
label_values = st.from_regex(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,4}[A-Za-z0-9])?)?", fullmatch=True)
label_keys = st.sampled_from(["app", "tier", "example.com/team", "example.com/zone", "a.b/c"])
labels = st.dictionaries(label_keys, label_values, max_size=3)

cores = st.one_of(
    st.integers(0, 64),
    st.integers(1, 9000).map("{}m".format),
    st.sampled_from(["0.5", ".25", "1.", "1e1", "2k", "100000u", "100u", "1500n"]),
)
sizes = st.one_of(
    st.integers(0, 2**41),
    st.tuples(st.integers(0, 5000), st.sampled_from(["Ki", "Mi", "Gi", "k", "M", "G", "e6"])).map(
        lambda pair: f"{pair[0]}{pair[1]}"
    ),
    st.sampled_from(["0.5Gi", "1.5Ti", "9P", "7Pi", "1e3", "123456789"]),
)
counts = st.one_of(st.integers(0, 5000), st.integers(0, 5000).map(str), st.just("2k"))

_QUOTA_KEYS = {
    "cpu": cores,
    "requests.cpu": cores,
    "limits.cpu": cores,
    "memory": sizes,
    "requests.memory": sizes,
    "limits.memory": sizes,
    "requests.ephemeral-storage": sizes,
    "limits.ephemeral-storage": sizes,
    "requests.storage": sizes,
    "gold.storageclass.storage.k8s.io/requests.storage": sizes,
    "hugepages-2Mi": sizes,
    "pods": counts,
    "services": counts,
    "services.nodeports": counts,
    "count/pods": counts,
    "count/jobs.batch": counts,
    "requests.nvidia.com/gpu": counts,
    "gold.storageclass.storage.k8s.io/persistentvolumeclaims": counts,
}
quota_hard = st.fixed_dictionaries({}, optional=_QUOTA_KEYS)


def _maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional=fields)


subjects = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["User", "Group"]), "name": st.sampled_from(["ann", "bob@x.org"])}
    ),
    st.fixed_dictionaries(
        {"kind": st.just("ServiceAccount"), "name": st.just("bot"), "namespace": short_names}
    ),
)


def _subject_key(subject: Json) -> tuple[str, ...]:
    return subject["kind"], subject["name"], subject.get("namespace", "")


def subject_lists(min_size: int) -> st.SearchStrategy[list[Json]]:
    return st.lists(subjects, min_size=min_size, max_size=3, unique_by=_subject_key)


ports = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"port": st.sampled_from([80, "http"])},
            optional={"protocol": st.sampled_from(["TCP", "UDP", "SCTP"])},
        ),
        st.just({"port": 8000, "endPort": 9000}),
    ),
    max_size=2,
)
selectors = st.one_of(
    st.just({}),
    st.builds(lambda match: {"matchLabels": match}, labels),
    st.just({"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "b"]}]}),
    st.just({"matchExpressions": [{"key": "app", "operator": "Exists"}]}),
)
ip_blocks = st.sampled_from(
    [
        {"cidr": "203.0.113.0/24"},
        {"cidr": "10.0.0.0/8", "except": ["10.2.0.0/16", "10.1.0.0/16"]},
        {"cidr": "2001:db8::/32", "except": ["2001:db8:1::/48"]},
    ]
)
peers = st.one_of(
    st.builds(lambda block: {"ipBlock": block}, ip_blocks),
    st.builds(lambda pods: {"podSelector": pods}, selectors),
    st.builds(
        lambda names, pods: {"namespaces": names} | pods,
        st.lists(short_names, min_size=1, max_size=3, unique=True),
        _maybe(podSelector=selectors),
    ),
    st.builds(
        lambda spaces, pods: {"namespaceSelector": spaces} | pods,
        selectors,
        _maybe(podSelector=selectors),
    ),
)
peer_lists = st.lists(peers, min_size=1, max_size=2)
sources = st.lists(
    st.fixed_dictionaries(
        {"namespace": short_names}, optional={"podLabels": labels, "ports": ports}
    ),
    max_size=2,
    unique_by=lambda source: source["namespace"],
)
networks = _maybe(
    sameNamespace=st.booleans(),
    sameTenant=st.booleans(),
    dns=_maybe(
        enabled=st.booleans(),
        namespace=short_names,
        podLabels=labels,
        port=st.sampled_from([53, 5353]),
        nodeLocalAddresses=st.lists(
            st.sampled_from(["169.254.20.10", "fd00::a"]), max_size=2, unique=True
        ),
    ),
    ingressControllers=sources,
    monitoring=sources,
    tracing=sources,
    internetEgress=_maybe(enabled=st.booleans(), includePrivate=st.booleans(), ports=ports),
    ingress=st.lists(
        st.fixed_dictionaries({"from": peer_lists}, optional={"ports": ports}), max_size=2
    ),
    egress=st.lists(
        st.fixed_dictionaries({"to": peer_lists}, optional={"ports": ports}), max_size=2
    ),
)

_CHAIN = ("min", "defaultRequest", "default", "max")
_AMOUNTS = {
    "cpu": st.integers(0, 8000).map("{}m".format),
    "memory": st.integers(0, 2**34).map(str),
    "ephemeral-storage": st.integers(0, 2**24).map("{}Ki".format),
    "nvidia.com/gpu": st.just("2"),
}


def _number(text: str) -> int:
    return int(text.removesuffix("m").removesuffix("Ki"))


@st.composite
def container_limits(draw: st.DrawFn) -> Json:
    """Bounds in the order that the API server demands; any of them may be missing."""
    item: Json = {"type": "Container"}
    for resource in draw(st.sets(st.sampled_from(sorted(_AMOUNTS)))):
        values = sorted(draw(st.lists(_AMOUNTS[resource], min_size=4, max_size=4)), key=_number)
        given = {
            part: value for part, value in zip(_CHAIN, values, strict=True) if draw(st.booleans())
        }
        for part, value in given.items():
            item.setdefault(part, {})[resource] = value
        if not {"min", "max"} <= given.keys() and draw(st.booleans()):
            ratio = draw(st.sampled_from(["1", "1500m", "4", 10]))
            item.setdefault("maxLimitRequestRatio", {})[resource] = ratio
    return item


limit_ranges = st.builds(
    lambda *items: {"limits": [item for item in items if item]},
    st.one_of(st.none(), container_limits()),
    st.sampled_from([None, {"type": "Pod", "max": {"cpu": "4000m"}}]),
    st.sampled_from([None, {"type": "PersistentVolumeClaim", "min": {"storage": "1Gi"}}]),
)

levels = st.sampled_from(["privileged", "baseline", "restricted"])
environments = st.sampled_from(["", "prod", "test"])
_NAMESPACE_FIELDS = {
    "labels": labels,
    "annotations": labels,
    "environment": environments,
    "podSecurity": levels,
    "quota": _maybe(hard=quota_hard),
    "limitRange": limit_ranges,
    "network": networks,
    "nodeSelector": labels,
}
_SPEC_FIELDS = {
    "editors": subject_lists(0),
    "viewers": subject_lists(0),
    "namespaceOptions": _maybe(
        prefix=short_names.map("{}-".format), labels=labels, annotations=labels
    ),
    "quota": _maybe(hard=quota_hard, perNamespace=quota_hard),
    "limitRange": limit_ranges,
    "network": networks,
    "podSecurity": _maybe(level=levels, version=st.sampled_from(["latest", "v1.37"])),
    "nodeSelector": labels,
    "cost": _maybe(costCenter=label_values, department=label_values, environment=environments),
    "suspend": st.booleans(),
    "deletionPolicy": st.sampled_from(["Retain", "Orphan", "Delete"]),
    "deletionProtection": st.booleans(),
}
cluster_roles = st.sampled_from(["view", "owners", "role-x", "system:auth", "x" * 253])


def _chosen(
    fields: dict[str, st.SearchStrategy[Any]], only: tuple[str, ...]
) -> st.SearchStrategy[Json]:
    return _maybe(**{name: fields[name] for name in only if name in fields})


@st.composite
def specs(draw: st.DrawFn, only: tuple[str, ...]) -> Json:
    """Specs that vary in these fields, and in owners and the names of namespaces."""
    spec = draw(_chosen(_SPEC_FIELDS, only))
    spec["owners"] = draw(subject_lists(1))
    names = draw(st.lists(short_names, max_size=4, unique=True))
    spec["namespaces"] = [{"name": name} | draw(_chosen(_NAMESPACE_FIELDS, only)) for name in names]
    if "roleBindings" in only:
        spec["roleBindings"] = [
            {"clusterRole": role, "subjects": draw(subject_lists(1))}
            | ({"namespaces": [draw(st.sampled_from(names))]} if names and draw(_EITHER) else {})
            for role in draw(st.lists(cluster_roles, max_size=3, unique=True))
        ]
    return spec


_EITHER = st.booleans()
_EVERYTHING = tuple(dict.fromkeys([*_SPEC_FIELDS, *_NAMESPACE_FIELDS, "roleBindings"]))


def manifests_with(*only: str) -> st.SearchStrategy[Json]:
    """Tenants that vary in these fields of the spec; in all of them if none is named."""
    return st.builds(
        lambda name, spec, metadata: {"metadata": {"name": name} | metadata, "spec": spec},
        short_names,
        specs(only or _EVERYTHING),
        _maybe(deletionTimestamp=st.just("2026-01-01T00:00:00Z")),
    )


def tenants_with(*only: str) -> st.SearchStrategy[Tenant]:
    """The same, read."""
    return manifests_with(*only).map(Tenant.parse)
