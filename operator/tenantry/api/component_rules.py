"""What a component's fields demand of each other, as CEL with what to write instead."""

from collections.abc import Iterator
from typing import Final

from tenantry.api.markers import rule

_JOBS: Final = "['Job', 'CronJob']"
_KNOWS: Final = "(has(self.image) ? {0} == 'v1' : self.versions.exists(v, v.name == {0}))"
_OPENS: Final = "(size(self.ports) > 0 ? self.ports.exists(p, p.name == {0}) : {0} == 'http')"
_NO_VERSION: Final = "{0} must name versions of the component; an image alone is version v1"
_NO_PORT: Final = "{0} must name a port of the component; port alone is called http"


def _versions_of(field: str) -> dict[str, str]:
    """Entries of a list speak of the component's own versions."""
    expression = f"self.{field}.all(e, e.versions.all(n, {_KNOWS.format('n')}))"
    return rule(expression, _NO_VERSION.format(f"{field}[].versions"))


def _port_of(field: str) -> dict[str, str]:
    """A port that may be given by name is one of the component's."""
    steps = field.split(".")
    paths = [f"self.{'.'.join(steps[: at + 1])}" for at in range(len(steps))]
    absent = " || ".join(f"!has({path})" for path in paths)
    known = _OPENS.format(paths[-1])
    return rule(f"{absent} || type({paths[-1]}) == int || {known}", _NO_PORT.format(field))


def _ports_of_probes() -> Iterator[dict[str, str]]:
    yield _port_of("probes.port")
    for probe in ("readiness", "liveness", "startup"):
        for action in ("httpGet", "tcpSocket"):
            yield _port_of(f"probes.{probe}.{action}.port")


_KINDS: Final = (
    rule(
        "has(self.schedule) == (self.kind == 'CronJob')",
        "a CronJob needs a schedule, and nothing else has one: give both or neither of kind: "
        "CronJob and schedule",
    ),
    rule(
        f"!has(self.job) || self.kind in {_JOBS}",
        "job is for kind Job or CronJob: leave it out or change the kind",
    ),
    rule(
        "size(self.volumeClaimTemplates) == 0 || self.kind == 'StatefulSet'",
        "volumeClaimTemplates are for kind StatefulSet: use volumes with persistentVolumeClaim, or "
        "change the kind",
    ),
    rule(
        "!has(self.autoscaling) || self.kind in ['Deployment', 'StatefulSet']",
        "autoscaling is for kind Deployment or StatefulSet: leave it out or change the kind",
    ),
    rule(
        "self.kind in ['Deployment', 'StatefulSet'] || "
        "!(has(self.replicas) || self.versions.exists(v, has(v.replicas)))",
        "replicas are for kind Deployment or StatefulSet: a DaemonSet has a pod on each node, a "
        "Job has job.completions and job.parallelism",
    ),
    rule(
        f"!(self.kind in {_JOBS}) || "
        "size(self.expose) == 0 && size(self.accepts) == 0 && !has(self.traffic)",
        "nobody calls a Job or CronJob: leave out expose, accepts and traffic, or change the kind",
    ),
)

_NAMES: Final = (
    rule(
        "has(self.image) != (size(self.versions) > 0)",
        "a component needs exactly one of image and versions: with versions, each has its image",
    ),
    rule(
        "!(has(self.port) && size(self.ports) > 0)",
        "port is the short form of ports: give one of them",
    ),
    rule(
        "self.versions.all(v, size(self.name) + size(v.name) <= 62)",
        "component and version must have at most 63 characters together with the hyphen between "
        "them, for that is the name of a Service",
    ),
    rule(
        "!(self.kind in ['StatefulSet', 'CronJob']) || (has(self.image) ? size(self.name) <= 49 : "
        "self.versions.all(v, size(self.name) + size(v.name) <= 51))",
        "component and version of a StatefulSet or CronJob must have at most 52 characters "
        "together with the hyphen between them (v1 for an image alone), to leave room for the "
        "names of pods and Jobs",
    ),
    rule(
        "self.volumeClaimTemplates.all(t, !self.volumes.exists(v, v.name == t.name || "
        "v.mountPath == t.mountPath))",
        "a volume claim template needs a name and a mountPath that no volume has",
    ),
)

_CALLS: Final = (
    rule(
        "self.kind == 'StatefulSet' || "
        "self.dependsOn.all(d, !has(d.component) || d.component != self.name)",
        "a component depends on itself only where its pods talk to each other, as those of a "
        "StatefulSet do: take it out of dependsOn",
    ),
    _versions_of("dependsOn"),
    _versions_of("egress"),
    rule(
        f"self.expose.all(e, !has(e.port) || {_OPENS.format('e.port')})",
        _NO_PORT.format("expose[].port"),
    ),
    rule(
        f"self.accepts.all(a, a.ports.all(n, {_OPENS.format('n')}))",
        _NO_PORT.format("accepts[].ports"),
    ),
    _port_of("metrics.port"),
    *_ports_of_probes(),
)

_WEIGHED: Final = "self.traffic.weights"
_TRAFFIC: Final = (
    rule(
        f"!has(self.traffic) || {_WEIGHED}.all(n, {_KNOWS.format('n')})",
        _NO_VERSION.format("traffic.weights"),
    ),
    rule(
        f"!has(self.traffic) || self.traffic.match.all(m, {_KNOWS.format('m.version')})",
        _NO_VERSION.format("traffic.match[].version"),
    ),
    *(
        rule(
            f"!has(self.traffic) || !has(self.traffic.{part}) || "
            f"{_KNOWS.format(f'self.traffic.{part}.version')}",
            _NO_VERSION.format(f"traffic.{part}.version"),
        )
        for part in ("mirror", "rollout")
    ),
    rule(
        "!has(self.traffic) || !has(self.traffic.rollout) || size(self.versions) > 1",
        "a rollout takes traffic from other versions: list those, too",
    ),
    rule(
        "!has(self.traffic) || !has(self.traffic.rollout) || size(self.versions) == 0 || "
        f"(size({_WEIGHED}) == 0 ? self.versions[0].name != self.traffic.rollout.version : "
        f"!(self.traffic.rollout.version in {_WEIGHED}) || "
        f"{_WEIGHED}[self.traffic.rollout.version] == 0)",
        "traffic.rollout.version gets its share by the rollout: give it 0 in traffic.weights, or "
        "list another version first where there are no weights",
    ),
)

COMPONENT_RULES: Final = (*_KINDS, *_NAMES, *_CALLS, *_TRAFFIC)
"""Rules on a component; ``self`` is the component, with the schema's defaults."""
