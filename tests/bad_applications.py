"""Applications that break one rule each, and what the API server says of them."""

from typing import Any, Final

from bad_manifests import Bad
from tenantry.api.base import Manifest
from tenantry.api.names import API_VERSION

WEB: Final[Manifest] = {"name": "web", "image": "web:1.0", "port": 8080}
TWO: Final = [{"name": "v1", "image": "web:1.0"}, {"name": "v2", "image": "web:2.0"}]
DIGEST: Final = "web@sha256:" + "0" * 64

NAME_IS_NO_LABEL = (
    "an Application's name must be a DNS label: lower-case letters, digits and hyphens, for it is "
    "part of names and a label's value"
)
TOO_LONG_WITH_COMPONENT = (
    "application and component must have at most 63 characters together with the hyphen between "
    "them, for that is a label's value"
)
TOO_LONG_WITH_VERSION = (
    "component and version must have at most 63 characters together with the hyphen between them, "
    "for that is the name of a Service"
)
TOO_LONG_FOR_PODS = (
    "component and version of a StatefulSet or CronJob must have at most 52 characters together "
    "with the hyphen between them (v1 for an image alone), to leave room for the names of pods and "
    "Jobs"
)
LIKE_A_VERSION = (
    "a component must not be called like the version of another, component-version (v1 for an "
    "image alone), for both are Services: rename one"
)
NO_COMPONENT = (
    "dependsOn[].component must be a component of this application: use external for one of "
    "another application, or egress for a server outside"
)
NOTHING_TO_CALL = (
    "dependsOn[].component must have a port, and be no Job or CronJob: give it port or ports"
)
NOT_EXTERNAL = (
    "dependsOn[].external is for another application: name a component of this one by component"
)
NOTHING_TO_EXPOSE = "what is exposed needs a port: give the component port or ports"
LATEST = (
    "an image needs a tag other than latest, or a digest: write it like name:1.2.3, or set "
    "spec.policy.image.allowLatest"
)
NO_DIGEST = (
    "spec.policy.image.requireDigest asks for images by digest: write them like "
    "name@sha256:..., as the registry tells"
)
CRITICAL_FAULT = (
    "a fault in an application of high or critical criticality needs fault.allowCritical: true"
)
SCHEDULE = (
    "a CronJob needs a schedule, and nothing else has one: give both or neither of kind: CronJob "
    "and schedule"
)
NO_JOB = "job is for kind Job or CronJob: leave it out or change the kind"
NO_STATEFUL_SET = (
    "volumeClaimTemplates are for kind StatefulSet: use volumes with persistentVolumeClaim, or "
    "change the kind"
)
NO_AUTOSCALING = (
    "autoscaling is for kind Deployment or StatefulSet: leave it out or change the kind"
)
NO_REPLICAS = (
    "replicas are for kind Deployment or StatefulSet: a DaemonSet has a pod on each node, a Job "
    "has job.completions and job.parallelism"
)
NOBODY_CALLS_A_JOB = (
    "nobody calls a Job or CronJob: leave out expose, accepts and traffic, or change the kind"
)
IMAGE_OR_VERSIONS = (
    "a component needs exactly one of image and versions: with versions, each has its image"
)
PORT_OR_PORTS = "port is the short form of ports: give one of them"
TEMPLATE_IS_A_VOLUME = "a volume claim template needs a name and a mountPath that no volume has"
NO_DOMAIN = "hosts outside the cluster are written with their domain, such as api.example.com"
NO_LIMIT = "must be one millisecond at least"
ONE_MOUNT_PATH = "two volumes cannot have one mountPath: choose another, or use subPath below it"
ITSELF = (
    "a component depends on itself only where its pods talk to each other, as those of a "
    "StatefulSet do: take it out of dependsOn"
)
ONE_PORT = "a port number can be had once for each protocol: remove one or renumber it"
SUM = "weights must sum to 100; a version that is not named gets none"
ROLLOUT_ALONE = "a rollout takes traffic from other versions: list those, too"
ROLLOUT_WEIGHT = (
    "traffic.rollout.version gets its share by the rollout: give it 0 in traffic.weights, or list "
    "another version first where there are no weights"
)
STEPS = "the weights of rollout.steps must grow from step to step"
NO_TIME = "must be a time that exists, in UTC, such as 2030-01-31T12:00:00Z"
EMPTY_FAULT = "a fault needs a delay or an abort"
ONLY_MATCH = "fault.onlyMatch needs a match: the requests that it is about"
FAILOVER = "localityFailover needs outlierDetection, which finds out that pods are unhealthy"
POLICY_OR_HASH = "loadBalancing has a policy or a consistentHash, not both"
NO_MONEY = (
    "must be a number above nought, with at most 9 digits before the point and 12 after it, in "
    'quotes: "1500"'
)
ONE_HASH = (
    "consistentHash needs exactly one of httpHeaderName, httpCookie, httpQueryParameterName and "
    "useSourceIp"
)
NO_HEADER = "header names have letters, digits and hyphens, at most 64"
ONE_SOURCE = "valueFrom needs exactly one of secretKeyRef, configMapKeyRef and fieldRef"
VALUE_OR_SOURCE = "a variable has a value or a valueFrom, not both"
ONE_REF = "envFrom needs exactly one of configMapRef and secretRef"
OVER_LIMIT = "requests must not be more than limits"
ROOT = "user 0 is root: choose another, or set runAsNonRoot: false as well"
ONE_VOLUME = (
    "a volume needs exactly one of emptyDir, configMap, secret and persistentVolumeClaim; "
    "emptyDir: {} is an empty directory"
)
NO_FILE = (
    "files are named by absolute paths of letters, digits, '-', '_' and '.', such as "
    "/etc/app/config.yaml"
)
ONE_ACTION = "a probe has one action: httpGet, tcpSocket, grpc or exec"
SUCCESS = "successThreshold must be 1 for liveness and startup: only readiness may ask for more"
MIN_OVER_MAX = "minReplicas must not be more than maxReplicas"
ONE_BUDGET = "disruptionBudget needs exactly one of minAvailable and maxUnavailable"
BLOCKED_DRAIN = (
    "a budget that lets no pod go blocks the drain of nodes for good: let one go, with "
    "maxUnavailable: 1"
)
NO_VALUE = "a toleration with operator Exists has no value"
COMPONENT_OR_EXTERNAL = (
    "a dependency is a component of this application or an external one: give exactly one of "
    "component and external"
)
EMPTY_EGRESS = "an egress needs hosts or cidrs: 0.0.0.0/0 and ::/0 are every address"
NO_CIDR = "must be a network in CIDR notation: 203.0.113.0/24 or 2001:db8::/32"
ONE_PATH = "a path is matched by exactly one of exact and prefix"
NO_GATEWAY = "an Ingress has no gateway: use className, or another type"
CLASS_OR_GATEWAY = "className is for a Gateway that is made: give it or a gateway that exists"
UNQUALIFIED = (
    "keys must be qualified names: an optional DNS prefix and '/', then at most 63 characters"
)
OUR_LABELS = (
    "labels under tenantry.io/, kubernetes.io/ and k8s.io/, app and version are set by the "
    "operator: use another key"
)


def application(name: str, namespace: str = "default", **spec: Any) -> Manifest:
    """An Application's manifest; with one component unless others are given."""
    return {
        "apiVersion": API_VERSION,
        "kind": "Application",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"components": [WEB]} | spec,
    }


def _no_version(field: str) -> str:
    return f"{field} must name versions of the component; an image alone is version v1"


def _no_port(field: str) -> str:
    return f"{field} must name a port of the component; port alone is called http"


def _of(*components: Manifest, **spec: Any) -> Manifest:
    return {"components": [*components]} | spec


def _web(**fields: Any) -> Manifest:
    """One component with these fields; None takes a field out."""
    given = WEB | fields
    return _of({field: value for field, value in given.items() if value is not None})


def _versions(*names: str, **fields: Any) -> Manifest:
    versions = [{"name": name, "image": "web:1.0"} for name in names]
    return {key: value for key, value in WEB.items() if key != "image"} | {
        "versions": versions,
        **fields,
    }


def _traffic(**traffic: Any) -> Manifest:
    return _of(_versions("v1", "v2", traffic=traffic))


def _fault(**fault: Any) -> Manifest:
    given = {"abort": {"httpStatus": 503}, "expiresAt": "2030-01-01T00:00:00Z"} | fault
    return {field: value for field, value in given.items() if value is not None}


def _rollout(*weights: int, version: str = "v2") -> Manifest:
    return {"version": version, "steps": [{"weight": weight} for weight in weights]}


def _job(**fields: Any) -> Manifest:
    return _of({"name": "web", "image": "web:1.0", "kind": "Job"} | fields)


NAMES: Final = {
    "a name with a dot": Bad({}, NAME_IS_NO_LABEL, name="acme.shop"),
    "a component's name that is too long with the application's": Bad(
        _web(name="b" * 30), TOO_LONG_WITH_COMPONENT, name="a" * 33
    ),
    "a version's name that is too long with the component's": Bad(
        _of(_versions("c" * 23, name="b" * 40)), TOO_LONG_WITH_VERSION
    ),
    "a version of a StatefulSet whose name is too long": Bad(
        _of(_versions("c" * 12, name="b" * 40, kind="StatefulSet")), TOO_LONG_FOR_PODS
    ),
    "a StatefulSet whose name is too long": Bad(
        _web(name="b" * 50, kind="StatefulSet"), TOO_LONG_FOR_PODS
    ),
    "a component that is called like an image": Bad(
        _of(WEB, WEB | {"name": "web-v1"}), LIKE_A_VERSION
    ),
    "a component that is called like a version": Bad(
        _of(_versions("a", "b"), WEB | {"name": "web-b"}), LIKE_A_VERSION
    ),
    "two volumes at one place": Bad(
        _web(volumes=[{"name": name, "mountPath": "/a", "emptyDir": {}} for name in "ab"]),
        ONE_MOUNT_PATH,
    ),
    "two ports of one number": Bad(
        _web(port=None, ports=[{"name": name, "port": 80} for name in "ab"]), ONE_PORT
    ),
}

KINDS: Final = {
    "a schedule without a CronJob": Bad(_web(schedule="@daily"), SCHEDULE),
    "a CronJob without a schedule": Bad(_job(kind="CronJob"), SCHEDULE),
    "a Deployment that ends": Bad(_web(job={}), NO_JOB),
    "claims of a Deployment": Bad(
        _web(volumeClaimTemplates=[{"name": "a", "mountPath": "/a", "storage": "1Gi"}]),
        NO_STATEFUL_SET,
    ),
    "a claim that is a volume as well": Bad(
        _web(
            kind="StatefulSet",
            volumes=[{"name": "a", "mountPath": "/b", "emptyDir": {}}],
            volumeClaimTemplates=[{"name": "a", "mountPath": "/a", "storage": "1Gi"}],
        ),
        TEMPLATE_IS_A_VOLUME,
    ),
    "a DaemonSet that is scaled": Bad(
        _web(kind="DaemonSet", autoscaling={"maxReplicas": 3}), NO_AUTOSCALING
    ),
    "a DaemonSet with replicas": Bad(_web(kind="DaemonSet", replicas=2), NO_REPLICAS),
    "a version of a Job with replicas": Bad(
        _of(_versions(kind="Job", versions=[TWO[0] | {"replicas": 2}])),
        NO_REPLICAS,
    ),
    "a Job that is called": Bad(
        _job(port=80, expose=[{"host": "a.example.com"}]), NOBODY_CALLS_A_JOB
    ),
    "neither image nor versions": Bad(_web(image=None), IMAGE_OR_VERSIONS),
    "image and versions": Bad(_web(versions=TWO), IMAGE_OR_VERSIONS),
    "port and ports": Bad(_web(ports=[{"name": "http", "port": 80}]), PORT_OR_PORTS),
}

IMAGES: Final = {
    "an image without a tag": Bad(_web(image="web"), LATEST),
    "an image without a tag, from a registry with a port": Bad(
        _web(image="localhost:5000/web"), LATEST
    ),
    "the latest image": Bad(_web(image="web:latest"), LATEST),
    "the latest image of a version": Bad(
        _of(_versions("v1", versions=[{"name": "v1", "image": "web:latest"}])), LATEST
    ),
    "a tag where a digest is asked for": Bad(
        {"policy": {"image": {"requireDigest": True}}}, NO_DIGEST
    ),
    "a version's tag where a digest is asked for": Bad(
        _of(_versions("v1"), policy={"image": {"requireDigest": True}}), NO_DIGEST
    ),
}

CALLS: Final = {
    "a dependency that is not there": Bad(_web(dependsOn=[{"component": "db"}]), NO_COMPONENT),
    "a dependency without a port": Bad(
        _of(WEB | {"dependsOn": [{"component": "db"}]}, {"name": "db", "image": "db:1"}),
        NOTHING_TO_CALL,
    ),
    "a dependency on a Job": Bad(
        _of(
            WEB | {"dependsOn": [{"component": "db"}]},
            {"name": "db", "image": "db:1", "kind": "Job", "port": 80},
        ),
        NOTHING_TO_CALL,
    ),
    "a dependency on itself": Bad(_web(dependsOn=[{"component": "web"}]), ITSELF),
    "a dependency on itself as another": Bad(
        _web(dependsOn=[{"external": {"application": "shop", "component": "web"}}]),
        NOT_EXTERNAL,
        name="shop",
    ),
    "a dependency on nothing": Bad(_web(dependsOn=[{"versions": ["v1"]}]), COMPONENT_OR_EXTERNAL),
    "a dependency of a version that is not there": Bad(
        _web(dependsOn=[{"external": {"application": "x", "component": "y"}, "versions": ["v2"]}]),
        _no_version("dependsOn[].versions"),
    ),
    "an egress of a version that is not there": Bad(
        _of(_versions("v1", egress=[{"cidrs": ["203.0.113.0/24"], "versions": ["v2"]}])),
        _no_version("egress[].versions"),
    ),
    "an egress to nowhere": Bad({"egress": [{"ports": [443]}]}, EMPTY_EGRESS),
    "an egress to an address": Bad({"egress": [{"cidrs": ["203.0.113.7"]}]}, NO_CIDR),
    "a caller of a port that is not there": Bad(
        _web(accepts=[{"application": "x", "ports": ["grpc"]}]), _no_port("accepts[].ports")
    ),
    "something exposed without a port": Bad(
        _web(port=None, expose=[{"host": "a.example.com"}]), NOTHING_TO_EXPOSE
    ),
    "a port exposed that is not there": Bad(
        _web(expose=[{"host": "a.example.com", "port": "grpc"}]), _no_port("expose[].port")
    ),
    "a path of nothing": Bad(_web(expose=[{"host": "a.example.com", "paths": [{}]}]), ONE_PATH),
    "an Ingress with a gateway": Bad(
        _web(expose=[{"host": "a.b", "type": "Ingress", "gateway": {"name": "a"}}]), NO_GATEWAY
    ),
    "a gateway with a class": Bad(
        _web(expose=[{"host": "a.b", "className": "a", "gateway": {"name": "a"}}]),
        CLASS_OR_GATEWAY,
    ),
    "metrics of a port that is not there": Bad(
        _web(metrics={"port": "metrics"}), _no_port("metrics.port")
    ),
    "probes of a port that is not there": Bad(
        _web(probes={"port": "health"}), _no_port("probes.port")
    ),
} | {
    f"a {probe} probe by {action} of a port that is not there": Bad(
        _web(probes={probe: {action: {"port": "health"}}}),
        _no_port(f"probes.{probe}.{action}.port"),
    )
    for probe in ("readiness", "liveness", "startup")
    for action in ("httpGet", "tcpSocket")
}

CONTAINERS: Final = {
    "a variable from nowhere": Bad(_web(env=[{"name": "A", "valueFrom": {}}]), ONE_SOURCE),
    "a variable with two values": Bad(
        _web(
            env=[
                {
                    "name": "A",
                    "value": "a",
                    "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}},
                }
            ]
        ),
        VALUE_OR_SOURCE,
    ),
    "variables from nowhere": Bad(_web(envFrom=[{"prefix": "A_"}]), ONE_REF),
    "more requested than allowed": Bad(
        _web(resources={"requests": {"cpu": "1001m"}, "limits": {"cpu": 1}}), OVER_LIMIT
    ),
    "the root user": Bad(_web(securityContext={"runAsUser": 0}), ROOT),
    "a volume of nothing": Bad(_web(volumes=[{"name": "a", "mountPath": "/a"}]), ONE_VOLUME),
    "a volume of two things": Bad(
        _web(
            volumes=[
                {"name": "a", "mountPath": "/a", "emptyDir": {}, "secret": {"secretName": "a"}}
            ]
        ),
        ONE_VOLUME,
    ),
    "a file that is a directory": Bad(_web(files={"/etc/": ""}), NO_FILE),
    "a file outside": Bad(_web(files={"/etc/../shadow": ""}), NO_FILE),
    "a file that is nowhere": Bad(_web(files={"etc/app": ""}), NO_FILE),
    "a probe that asks twice": Bad(
        _web(probes={"liveness": {"httpGet": {}, "tcpSocket": {}}}), ONE_ACTION
    ),
    "a liveness probe that must succeed twice": Bad(
        _web(probes={"liveness": {"successThreshold": 2}}), SUCCESS
    ),
    "a startup probe that must succeed twice": Bad(
        _web(probes={"startup": {"successThreshold": 2}}), SUCCESS
    ),
    "more pods at least than at most": Bad(
        _web(autoscaling={"minReplicas": 3, "maxReplicas": 2}), MIN_OVER_MAX
    ),
    "a budget of nothing": Bad(_web(disruptionBudget={}), ONE_BUDGET),
    "a budget of two kinds": Bad(
        _web(disruptionBudget={"minAvailable": 1, "maxUnavailable": 1}), ONE_BUDGET
    ),
    "a budget that keeps all pods": Bad(
        _web(disruptionBudget={"minAvailable": "100%"}), BLOCKED_DRAIN
    ),
    "a budget that lets none go": Bad(_web(disruptionBudget={"maxUnavailable": 0}), BLOCKED_DRAIN),
    "a budget that lets no share go": Bad(
        _web(disruptionBudget={"maxUnavailable": "0%"}), BLOCKED_DRAIN
    ),
    "a toleration of a value, whatever it is": Bad(
        _web(tolerations=[{"key": "a", "operator": "Exists", "value": "b"}]), NO_VALUE
    ),
    "a cost label that is none": Bad({"cost": {"labels": {"a b": "c"}}}, UNQUALIFIED),
    "a cost label that says whose it is": Bad(
        _web(costLabels={"tenantry.io/tenant": "other"}), OUR_LABELS
    ),
    "a cost label that selects": Bad(_web(costLabels={"app": "other"}), OUR_LABELS),
    "a cost label of a recommended key": Bad(
        _web(costLabels={"app.kubernetes.io/name": "other"}), OUR_LABELS
    ),
}

TRAFFIC: Final = {
    "weights of ninety": Bad(_traffic(weights={"v1": 70, "v2": 20}), SUM),
    "a weight of a version that is not there": Bad(
        _traffic(weights={"v3": 100}), _no_version("traffic.weights")
    ),
    "a match for a version that is not there": Bad(
        _traffic(match=[{"headers": {"a": "b"}, "version": "v3"}]),
        _no_version("traffic.match[].version"),
    ),
    "a mirror that is not there": Bad(
        _traffic(mirror={"version": "v3"}), _no_version("traffic.mirror.version")
    ),
    "a rollout of a version that is not there": Bad(
        _traffic(rollout=_rollout(50, version="v3")), _no_version("traffic.rollout.version")
    ),
    "a rollout of the only version": Bad(
        _of(_versions("v1", traffic={"rollout": _rollout(50, version="v1")})), ROLLOUT_ALONE
    ),
    "a rollout of a version that has a weight": Bad(
        _traffic(weights={"v1": 80, "v2": 20}, rollout=_rollout(50)), ROLLOUT_WEIGHT
    ),
    "a rollout of the version that has everything": Bad(
        _traffic(rollout=_rollout(50, version="v1")), ROLLOUT_WEIGHT
    ),
    "a rollout that goes back": Bad(_traffic(rollout=_rollout(50, 20)), STEPS),
    "a rollout that goes nowhere": Bad(_traffic(rollout=_rollout(50, 50)), STEPS),
    "a fault of nothing": Bad(_traffic(fault=_fault(abort=None)), EMPTY_FAULT),
    "a fault for a match that is not there": Bad(
        _traffic(fault=_fault(onlyMatch=True)), ONLY_MATCH
    ),
    "a fault in what is critical": Bad(
        _traffic(fault=_fault()) | {"criticality": "critical"}, CRITICAL_FAULT
    ),
    "a fault that never ends": Bad(
        _traffic(fault={"abort": {"httpStatus": 503}}), "fault.expiresAt: Required value"
    ),
    "a fault until the 30th of February": Bad(
        _traffic(fault=_fault(expiresAt="2030-02-30T12:00:00Z")), NO_TIME
    ),
    "a fault until the 25th hour": Bad(
        _traffic(fault=_fault(expiresAt="2030-02-20T25:00:00Z")), NO_TIME
    ),
    "a failover without knowing of failures": Bad(
        _traffic(loadBalancing={"localityFailover": [{"from": "a", "to": "b"}]}), FAILOVER
    ),
    "a policy and a hash": Bad(
        _traffic(loadBalancing={"policy": "Random", "consistentHash": {"useSourceIp": True}}),
        POLICY_OR_HASH,
    ),
    "a timeout of nothing": Bad(_traffic(timeout="0s"), NO_LIMIT),
    "a try of nothing": Bad(_traffic(retries={"attempts": 1, "perTryTimeout": "0m0s"}), NO_LIMIT),
    "a delay of nothing": Bad(_traffic(fault=_fault(delay={"fixedDelay": "0ms"})), NO_LIMIT),
    "a host without a domain": Bad(_web(egress=[{"hosts": ["localhost"]}]), NO_DOMAIN),
    "a budget of nothing": Bad(_web() | {"cost": {"budget": {"monthly": "0"}}}, NO_MONEY),
    "a hash of nothing": Bad(_traffic(loadBalancing={"consistentHash": {}}), ONE_HASH),
    "a header of an impossible name": Bad(
        _traffic(match=[{"headers": {"a b": "c"}, "version": "v1"}]), NO_HEADER
    ),
}

BAD_APPLICATIONS: Final = NAMES | KINDS | IMAGES | CALLS | CONTAINERS | TRAFFIC
