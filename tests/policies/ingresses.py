"""Ingresses, and what a tenant may name in them."""

from typing import Any

from tenantry.api.base import Manifest

HOSTS = "app.example.com\n*.acme.example.com"
ALLOWED = "allowed: app.example.com, *.acme.example.com"
NO_HOST = "* (every host, where none is named)"
BACKEND = {"service": {"name": "web", "port": {"number": 80}}}


def rule(host: str | None) -> Manifest:
    named = {} if host is None else {"host": host}
    return named | {"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": BACKEND}]}}


def ingress(*hosts: str | None, annotations: Manifest | None = None, **spec: Any) -> Manifest:
    rules = {"rules": [rule(host) for host in hosts]} if hosts else {}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "web", "annotations": annotations or {}},
        "spec": rules | spec,
    }
