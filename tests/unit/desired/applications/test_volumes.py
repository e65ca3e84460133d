from typing import Any

import pytest

from applications import component, container, of_kind, pod, template_of, the

FILES = {"/etc/app/a.conf": "one", "/etc/other/a.conf": "two"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"emptyDir": {}}, {"emptyDir": {}}),
        (
            {"emptyDir": {"medium": "Memory", "sizeLimit": "1024Mi"}},
            {"emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}},
        ),
        (
            {"configMap": {"name": "c", "items": [{"key": "k", "path": "p"}], "optional": True}},
            {
                "configMap": {
                    "defaultMode": 420,
                    "items": [{"key": "k", "path": "p"}],
                    "name": "c",
                    "optional": True,
                }
            },
        ),
        ({"secret": {"secretName": "s"}}, {"secret": {"defaultMode": 420, "secretName": "s"}}),
        (
            {"persistentVolumeClaim": {"claimName": "d"}},
            {"persistentVolumeClaim": {"claimName": "d"}},
        ),
    ],
)
def test_a_volume_is_as_the_api_server_stores_it(given: Any, expected: Any) -> None:
    volume = {"name": "v", "mountPath": "/v"} | given

    assert pod(component(volumes=[volume]))["volumes"] == [{"name": "v"} | expected]


def test_a_mount_says_no_more_than_it_must() -> None:
    volumes = [
        {"name": "a", "mountPath": "/a", "emptyDir": {}},
        {"name": "b", "mountPath": "/b", "emptyDir": {}, "readOnly": True, "subPath": "x"},
    ]

    assert container(component(volumes=volumes))["volumeMounts"] == [
        {"mountPath": "/a", "name": "a"},
        {"mountPath": "/b", "name": "b", "readOnly": True, "subPath": "x"},
    ]


def test_files_are_mounted_one_by_one_from_a_config_map() -> None:
    web = component(files=FILES)
    data = the("ConfigMap", web)["data"]

    mounts = container(web)["volumeMounts"]

    assert {mount["mountPath"]: data[mount["subPath"]] for mount in mounts} == FILES
    assert all(mount["readOnly"] for mount in mounts)
    assert pod(web)["volumes"][0]["configMap"]["name"] == "web-files"


def test_pods_are_replaced_when_a_file_changes_and_only_then() -> None:
    before, same, after = (
        template_of(the("Deployment", component(files=files)))
        for files in (FILES, dict(reversed(FILES.items())), FILES | {"/etc/app/a.conf": "three"})
    )

    assert before == same
    assert before != after
    assert before["spec"] == after["spec"]


def test_without_files_there_is_no_config_map() -> None:
    assert of_kind("ConfigMap", component()) == {}


def test_a_stateful_set_claims_volumes_for_each_pod() -> None:
    claim = {
        "name": "data",
        "mountPath": "/data",
        "subPath": "db",
        "storage": "1024Mi",
        "storageClassName": "fast",
    }
    db = component("db", kind="StatefulSet", port=5432, volumeClaimTemplates=[claim])

    made = the("StatefulSet", db)

    assert made["spec"]["volumeClaimTemplates"] == [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "data", "labels": made["spec"]["selector"]["matchLabels"]},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}},
                "storageClassName": "fast",
                "volumeMode": "Filesystem",
            },
            "status": {"phase": "Pending"},
        }
    ]
    assert template_of(made)["spec"]["containers"][0]["volumeMounts"] == [
        {"mountPath": "/data", "name": "data", "subPath": "db"}
    ]
