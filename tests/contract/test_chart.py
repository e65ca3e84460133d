"""The chart as Helm renders it, over many values; that a cluster takes it is asked in tests/e2e."""

import re
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import durationpy
import helm_python as helm
import pytest
import yaml
from click.testing import CliRunner

from chart.__main__ import main as package
from charts import EVERYTHING, MATRIX, METER, ON_POSTGRESQL
from examples import EXAMPLES, ROOT
from installation import CHART, crds, rendered
from restricted import violations
from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.tenant import Tenant
from tenantry.meter_settings import MeterSettings
from tenantry.options import options
from tenantry.settings import Settings, load, load_into

COMPONENT = "app.kubernetes.io/component"
CHARTS_OWN = {
    "config",
    "kubeconfig",
    "context",
    "listen",
    "leader-elect",
    "lease-name",
    "lease-namespace",
}
VERSION = version("tenantry")
ACCOUNT = "ServiceAccount"
RUNNING = ("Deployment", "StatefulSet")
INFO = 1
"""Severity of what Helm's linter only recommends, such as an icon."""


def the(kind: str, values: dict[str, Any] | None = None, *, of: str = "operator") -> Manifest:
    """The one object of a kind that is the ``operator``'s or the ``meter``'s."""
    there = [one for one in rendered(values or {}) if one["kind"] == kind]
    (found,) = [one for one in there if one["metadata"]["labels"][COMPONENT] == of]
    return found


def options_file(values: dict[str, Any] | None = None, *, of: str = "operator") -> str:
    """What is mounted for ``--config``."""
    there = [one for one in rendered(values or {}) if one["kind"] == "ConfigMap"]
    mine = [one["data"] for one in there if one["metadata"]["labels"].get(COMPONENT) == of]
    (text,) = [one["tenantry.yaml"] for one in mine if "tenantry.yaml" in one]
    return str(text)


def meters_container(values: dict[str, Any]) -> Manifest:
    """The meter's container."""
    pod = the("StatefulSet", values, of="meter")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    return dict(container)


def pod(values: dict[str, Any] | None = None) -> Manifest:
    """The template of the operator's pods."""
    template: Manifest = the("Deployment", values)["spec"]["template"]
    return template


@pytest.mark.parametrize("values", MATRIX.values(), ids=MATRIX)
def test_the_chart_is_well_whatever_it_is_told(values: dict[str, Any]) -> None:
    """Linted as strictly as Helm can; rendered; its pods meet Pod Security's level restricted."""
    report = helm.lint(CHART, values, strict=True)
    assert [one for one in report["messages"] if one["severity"] > INFO] == report["errors"] == []

    manifests = rendered(values)
    names = [(one["kind"], one["metadata"]["name"]) for one in manifests]
    assert len(names) == len({*names})
    for spec in (one["spec"]["template"]["spec"] for one in manifests if one["kind"] in RUNNING):
        assert violations(spec) == []
        assert all(one["securityContext"]["readOnlyRootFilesystem"] for one in spec["containers"])
        assert spec["serviceAccountName"] in {name for kind, name in names if kind == ACCOUNT}
    for mount in pod(values)["spec"]["containers"][0]["volumeMounts"]:
        assert mount["readOnly"]


def test_what_is_selected_by_labels_is_the_operators_pods() -> None:
    labels = pod(EVERYTHING)["metadata"]["labels"]
    selectors = [
        the("Deployment")["spec"]["selector"]["matchLabels"],
        the("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        the("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        the("Service")["spec"]["selector"],
        the("ServiceMonitor", EVERYTHING)["spec"]["selector"]["matchLabels"],
        *(
            one["labelSelector"]["matchLabels"]
            for one in pod()["spec"]["topologySpreadConstraints"]
        ),
    ]

    assert selectors == [selectors[0]] * len(selectors)
    assert selectors[0].items() <= labels.items()
    assert "app.kubernetes.io/version" not in selectors[0]
    assert labels["team"] == "platform"


def test_an_upgrade_has_no_gap() -> None:
    deployment = the("Deployment")["spec"]

    assert deployment["replicas"] == 2
    assert deployment["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert the("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1
    container = deployment["template"]["spec"]["containers"][0]
    paths = [
        container[f"{one}Probe"]["httpGet"]["path"] for one in ("startup", "liveness", "readiness")
    ]
    assert paths == ["/healthz", "/healthz", "/readyz"]
    alone = the("Deployment", {"replicas": 1, "leaderElection": {"enabled": False}})["spec"]
    assert alone["strategy"] == {"type": "Recreate"}


def test_a_pod_has_longer_to_end_than_the_operator_takes() -> None:
    taken = Settings.model_fields["drain_timeout"].default + 5

    assert pod()["spec"]["terminationGracePeriodSeconds"] > taken


def test_what_the_pods_are_told_is_what_tenantry_run_understands(tmp_path: Path) -> None:
    arguments = pod(EVERYTHING)["spec"]["containers"][0]["args"]
    command, *flags = arguments
    known = {one.flag: one for one in options()}
    assert command == "run"
    assert {flag.partition("=")[0] for flag in flags} <= known.keys()

    file = tmp_path / "tenantry.yaml"
    file.write_text(options_file(EVERYTHING))
    settings = load({"config": file})
    assert (settings.log_level, settings.workers, settings.backoff_max) == ("debug", 8, 60)
    assert durationpy.from_str("5s").total_seconds() == settings.usage_interval
    file.write_text(options_file())
    assert load({"config": file}) == Settings(config=file)


def test_what_the_meters_pod_is_told_is_what_tenantry_meter_understands(tmp_path: Path) -> None:
    container = meters_container(METER)
    command, *flags = container["args"]
    given = dict(flag.removeprefix("--").split("=", 1) for flag in flags)
    known = {one.key for one in options("meter")}
    assert command == "meter"
    assert given.keys() <= known
    (mount,) = [one for one in container["volumeMounts"] if one["name"] == "options"]
    assert given["config"] == f"{mount['mountPath']}/tenantry.yaml"
    assert given["listen"] == f":{container['ports'][0]['containerPort']}"
    assert given["database"] == MeterSettings.model_fields["database"].default
    probes = [container[f"{one}Probe"]["httpGet"] for one in ("startup", "liveness", "readiness")]
    assert [one["path"] for one in probes] == ["/healthz", "/healthz", "/readyz"]

    file = tmp_path / "tenantry.yaml"
    file.write_text(options_file(METER, of="meter"))
    assert load_into(MeterSettings, {"config": file}).flush_interval == 30
    file.write_text(options_file(of="meter"))
    assert load_into(MeterSettings, {"config": file}) == MeterSettings(config=file)


def test_other_options_are_other_pods() -> None:
    def checksum(values: dict[str, Any]) -> str:
        return str(pod(values)["metadata"]["annotations"]["checksum/options"])

    assert checksum({}) == checksum({"replicas": 3})
    assert checksum({}) != checksum({"options": {"workers": 9}})


def test_every_option_but_the_charts_own_may_be_given() -> None:
    with helm.Chart.load(CHART) as loaded:
        schema = loaded.schema or {}

    assert {*schema["properties"]["options"]["properties"]} == {
        one.key for one in options()
    } - CHARTS_OWN
    of_the_meter = schema["definitions"]["Meter"]["properties"]["options"]["properties"]
    assert {*of_the_meter} == {one.key for one in options("meter")} - {*CHARTS_OWN, "database"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        pytest.param({"replica": 3}, "replica", id="a value that is not there"),
        pytest.param({"image": {"name": "a"}}, "name", id="within a group"),
        pytest.param({"replicas": "2"}, "replicas", id="a text for a number"),
        pytest.param({"replicas": 10}, "replicas", id="too many replicas"),
        pytest.param({"options": {"log-levle": "debug"}}, "log-levle", id="a misspelt option"),
        pytest.param(
            {"meter": {"options": {"keep-hour": "99h"}}},
            "keep-hour",
            id="a misspelt one of the meter",
        ),
        pytest.param({"options": {"log-level": "loud"}}, "log-level", id="a level that is not"),
        pytest.param({"options": {"listen": ":1"}}, "listen", id="an option that is the chart's"),
        pytest.param({"image": {"digest": "sha256:abc"}}, "digest", id="half a digest"),
        pytest.param(
            {"podDisruptionBudget": {"maxUnavailable": 0}},
            "maxUnavailable",
            id="a budget that stops every drain",
        ),
        pytest.param(
            {"resources": {"requests": {"gpu": "1"}}}, "gpu", id="a resource that it has no use of"
        ),
        pytest.param({"policies": {"mutating": "yes"}}, "mutating", id="a switch said wrongly"),
        pytest.param(
            {"leaderElection": {"enabled": False}},
            "set leaderElection.enabled=true, or replicas=1",
            id="two that would both write",
        ),
    ],
)
def test_values_that_cannot_be_are_refused_by_name(values: dict[str, Any], said: str) -> None:
    with pytest.raises(helm.HelmError) as refusal:
        rendered(values)

    assert said in str(refusal.value)


def test_a_chart_that_contains_this_one_may_share_values() -> None:
    assert rendered({"global": {"registry": "a"}}) == rendered({})


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param({}, f"tenantry:{VERSION}", id="the chart's version"),
        pytest.param(
            {"registry": "r:5000/m"}, f"r:5000/m/tenantry:{VERSION}", id="another registry"
        ),
        pytest.param({"tag": "dev"}, "tenantry:dev", id="another tag"),
        pytest.param(
            {"tag": "dev", "digest": f"sha256:{'a' * 64}"},
            f"tenantry@sha256:{'a' * 64}",
            id="a digest before any tag",
        ),
    ],
)
def test_the_image_is_found(image: dict[str, str], expected: str) -> None:
    assert pod({"image": image})["spec"]["containers"][0]["image"] == expected


def test_dashboards_and_alerts_are_the_files_of_the_chart(tmp_path: Path) -> None:
    folder = tmp_path / "tenantry"
    shutil.copytree(CHART, folder)
    files = folder / "files"
    (files / "dashboards").mkdir(exist_ok=True)
    (files / "dashboards" / "extra.json").write_text('{"title": "{{ instance }}"}\n')
    alerts = "groups:\n- name: a\n  rules:\n  - alert: B\n    annotations: {a: '{{ $value }}'}\n"
    (files / "alerts.yaml").write_text(alerts)

    with helm.Chart.load(folder) as loaded:
        texts = loaded.render({"prometheusRule": {"enabled": True}}, name="x", namespace="y")
    text = texts["tenantry/templates/monitoring.yaml"]
    made = {one["metadata"]["name"]: one for one in yaml.safe_load_all(text) if one}

    assert made["x"]["spec"] == yaml.safe_load(alerts)
    assert made["x-dashboard-extra"]["data"] == {"extra.json": '{"title": "{{ instance }}"}\n'}


def test_every_name_fits_however_long_the_releases_is() -> None:
    longest = "a" * 53
    names = [one["metadata"]["name"] for one in rendered(EVERYTHING, name=longest)]

    assert all(re.fullmatch(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", name) for name in names)
    kinds = {"Deployment", "Service", "ConfigMap", "ServiceAccount"}
    for one in rendered(EVERYTHING, name=longest):
        if one["kind"] in kinds and "dashboard" not in one["metadata"]["name"]:
            assert len(one["metadata"]["name"]) <= 63


def test_what_the_charts_readme_shows_is_what_the_page_on_installing_does() -> None:
    def commands(path: Path) -> set[str]:
        return {line for line in path.read_text().splitlines() if line.startswith("$ ")}

    shown = commands(CHART / "README.md")

    assert shown
    assert shown <= commands(ROOT / "docs" / "how-to" / "install.md")


def test_the_package_renders_what_the_folder_does(tmp_path: Path) -> None:
    done = CliRunner().invoke(package, [str(tmp_path)])

    assert done.exit_code == 0, done.output
    (archive,) = tmp_path.iterdir()
    assert archive.name == f"tenantry-{VERSION}.tgz"
    assert helm.digest(archive) in done.output
    with helm.Chart.load(archive) as packed, helm.Chart.load(CHART) as loaded:
        assert packed.render({}, name="a") == loaded.render({}, name="a")


def _gitops() -> dict[str, dict[str, Any]]:
    """Values that the examples for GitOps tools give, and the version that they name."""
    argo = yaml.safe_load((EXAMPLES / "argocd" / "tenantry.yaml").read_text())["spec"]["source"]
    flux = yaml.safe_load_all((EXAMPLES / "flux" / "tenantry.yaml").read_text())
    specs = {one["kind"]: one.get("spec", {}) for one in flux}
    return {
        argo["targetRevision"] + " argo": argo["helm"]["valuesObject"],
        specs["OCIRepository"]["ref"]["tag"] + " flux": specs["HelmRelease"]["values"],
    }


@pytest.mark.parametrize(("version", "values"), _gitops().items())
def test_gitops_tools_are_shown_values_that_this_version_takes(
    version: str, values: dict[str, Any]
) -> None:
    assert version.startswith(VERSION)
    (account,) = values["platformAdministrators"]
    bound = [one for one in rendered(values) if account in one.get("subjects", ())]
    assert [one["kind"] for one in bound] == ["ClusterRoleBinding"]


def test_what_artifact_hub_shows_is_what_there_is() -> None:
    about = yaml.safe_load((CHART / "Chart.yaml").read_text())["annotations"]
    listed = yaml.safe_load(about["artifacthub.io/crds"])

    assert {one["name"] for one in listed} == {one["metadata"]["name"] for one in crds()}
    for one in yaml.safe_load(about["artifacthub.io/crdsExamples"]):
        parsed = {"Tenant": Tenant, "Application": Application}[one["kind"]]
        assert parsed.parse(one).metadata.name == one["metadata"]["name"]
    (image,) = yaml.safe_load(about["artifacthub.io/images"])
    assert image["image"] == pod()["spec"]["containers"][0]["image"]


def test_the_meter_keeps_its_counts_on_a_volume_that_outlives_the_release() -> None:
    meter = the("StatefulSet", METER, of="meter")["spec"]
    (claim,) = meter["volumeClaimTemplates"]
    (container,) = meter["template"]["spec"]["containers"]
    (path,) = [
        one["mountPath"]
        for one in container["volumeMounts"]
        if one["name"] == claim["metadata"]["name"]
    ]

    assert meter["replicas"] == 1
    assert {*meter["persistentVolumeClaimRetentionPolicy"].values()} == {"Retain"}
    assert claim["spec"]["storageClassName"] == "fast"
    assert f"--database=sqlite:///{path}/meter.db" in container["args"]


def test_the_meter_is_told_of_a_database_by_a_secret_and_has_no_volume_then() -> None:
    meter = the("StatefulSet", ON_POSTGRESQL, of="meter")["spec"]
    (container,) = meter["template"]["spec"]["containers"]
    (url,) = [one for one in container["env"] if one["name"] == "TENANTRY_DATABASE"]

    assert "volumeClaimTemplates" not in meter
    assert url["valueFrom"]["secretKeyRef"] == {"name": "meter", "key": "url"}
    assert not any("--database" in one for one in container["args"])
