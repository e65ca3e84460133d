from rendering import tenant, the


def test_the_default_service_account_mounts_no_token() -> None:
    assert the("ServiceAccount", tenant()) == {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": "default",
            "namespace": "acme-prod",
            "labels": {"app.kubernetes.io/managed-by": "tenantry", "tenantry.io/tenant": "acme"},
        },
        "automountServiceAccountToken": False,
    }
