from typing import Any

import pytest

from rendering import of_kind, spaces, tenant, the
from tenantry.api.base import Manifest
from tenantry.desired.objects import Facts

NAME = "kubernetes.io/metadata.name"
SAME_NAMESPACE = [{"podSelector": {}}]
NOTHING = {"sameNamespace": False, "dns": {"enabled": False}}


def policy(network: dict[str, Any], namespace: str = "acme-prod", **spec: Any) -> Manifest:
    made: Manifest = the("NetworkPolicy", tenant(network=network, **spec), namespace)["spec"]
    return made


def test_a_minimal_tenant_has_its_own_namespace_and_dns() -> None:
    assert policy({}) == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": SAME_NAMESPACE}],
        "egress": [
            {"to": SAME_NAMESPACE},
            {
                "to": [
                    {
                        "namespaceSelector": {"matchLabels": {NAME: "kube-system"}},
                        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                    }
                ],
                "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
            },
        ],
    }


def test_where_there_are_applications_their_pods_are_closed_before_the_floor_leaves_them_out() -> (
    None
):
    made = tenant(namespaces=[{"name": "prod"}, {"name": "db"}])
    found = spaces(made, Facts(inhabited={"acme-prod", "globex-prod"}))

    (closure,) = found["acme-prod"].closures
    (floor,) = of_kind(found["acme-prod"], "NetworkPolicy")
    label = "tenantry.io/application"
    assert closure["metadata"]["name"] == "tenantry-applications"
    assert closure["spec"] == {
        "podSelector": {"matchExpressions": [{"key": label, "operator": "Exists"}]},
        "policyTypes": ["Ingress", "Egress"],
    }
    assert floor["spec"]["podSelector"] == {
        "matchExpressions": [{"key": label, "operator": "DoesNotExist"}]
    }
    assert floor["spec"]["ingress"] == policy({})["ingress"]
    assert found["acme-db"].closures == ()
    assert of_kind(found["acme-db"], "NetworkPolicy")[0]["spec"]["podSelector"] == {}


def test_with_nothing_opened_all_is_denied_both_ways() -> None:
    assert policy(NOTHING) == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@pytest.mark.parametrize(
    ("network", "ingress"),
    [
        pytest.param(
            {"ingressControllers": [{"namespace": "ingress-nginx"}]},
            {"from": [{"namespaceSelector": {"matchLabels": {NAME: "ingress-nginx"}}}]},
            id="all pods of a controller's namespace, to all ports",
        ),
        pytest.param(
            {
                "monitoring": [
                    {
                        "namespace": "monitoring",
                        "podLabels": {"b": "2", "a": "1"},
                        "ports": [{"port": "metrics"}],
                    }
                ]
            },
            {
                "from": [
                    {
                        "namespaceSelector": {"matchLabels": {NAME: "monitoring"}},
                        "podSelector": {"matchLabels": {"a": "1", "b": "2"}},
                    }
                ],
                "ports": [{"protocol": "TCP", "port": "metrics"}],
            },
            id="a scraper's pods, to a named port",
        ),
        pytest.param(
            {"ingress": [{"from": [{"namespaces": ["b", "a"]}]}]},
            {
                "from": [
                    {
                        "namespaceSelector": {
                            "matchExpressions": [
                                {"key": NAME, "operator": "In", "values": ["a", "b"]}
                            ]
                        }
                    }
                ]
            },
            id="namespaces by their names",
        ),
        pytest.param(
            {
                "ingress": [
                    {
                        "from": [
                            {
                                "namespaceSelector": {"matchLabels": {"team": "x"}},
                                "podSelector": {
                                    "matchExpressions": [{"key": "app", "operator": "Exists"}]
                                },
                            }
                        ]
                    }
                ]
            },
            {
                "from": [
                    {
                        "namespaceSelector": {"matchLabels": {"team": "x"}},
                        "podSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]},
                    }
                ]
            },
            id="pods in namespaces, narrowing each other in one peer",
        ),
        pytest.param(
            {"ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}]},
            {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]},
            id="pods of the namespace itself",
        ),
        pytest.param(
            {"ingress": [{"from": [{"namespaceSelector": {}}]}]},
            {"from": [{"namespaceSelector": {}}]},
            id="every namespace, when a platform team says so",
        ),
        pytest.param(
            {
                "ingress": [
                    {
                        "from": [{"ipBlock": {"cidr": "203.0.113.0/24"}}],
                        "ports": [{"port": 8000, "endPort": 9000, "protocol": "UDP"}],
                    }
                ]
            },
            {
                "from": [{"ipBlock": {"cidr": "203.0.113.0/24"}}],
                "ports": [{"protocol": "UDP", "port": 8000, "endPort": 9000}],
            },
            id="addresses, to a range of ports",
        ),
    ],
)
def test_an_ingress_field_opens_one_thing(network: dict[str, Any], ingress: Manifest) -> None:
    made = policy(NOTHING | network)

    assert made["ingress"] == [ingress]
    assert "egress" not in made


def test_collectors_of_traces_are_one_rule_each_in_order() -> None:
    ports = [{"port": 4317}]
    collectors = [{"namespace": "otel", "ports": ports}, {"namespace": "jaeger"}]

    made = policy(NOTHING | {"tracing": collectors})

    def of(name: str) -> list[Manifest]:
        return [{"namespaceSelector": {"matchLabels": {NAME: name}}}]

    written = [{"protocol": "TCP", "port": 4317}]
    assert made["egress"] == [{"to": of("jaeger")}, {"to": of("otel"), "ports": written}]


def test_an_egress_rule_is_written_with_its_exceptions_in_order() -> None:
    made = policy(
        NOTHING
        | {
            "egress": [
                {
                    "to": [
                        {
                            "ipBlock": {
                                "cidr": "10.0.0.0/8",
                                "except": ["10.2.0.0/16", "10.1.0.0/16"],
                            }
                        }
                    ]
                }
            ]
        }
    )

    assert made["egress"] == [
        {"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16", "10.2.0.0/16"]}}]}
    ]
    assert "ingress" not in made


def test_node_local_dns_answers_on_53_wherever_the_dns_pods_do() -> None:
    dns = {
        "namespace": "openshift-dns",
        "podLabels": {},
        "port": 5353,
        "nodeLocalAddresses": ["fd00::a", "169.254.20.10"],
    }

    assert policy({"sameNamespace": False, "dns": dns})["egress"] == [
        {
            "to": [{"namespaceSelector": {"matchLabels": {NAME: "openshift-dns"}}}],
            "ports": [{"protocol": "UDP", "port": 5353}, {"protocol": "TCP", "port": 5353}],
        },
        {
            "to": [
                {"ipBlock": {"cidr": "169.254.20.10/32"}},
                {"ipBlock": {"cidr": "fd00::a/128"}},
            ],
            "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
        },
    ]


def same_tenant(*names: str) -> list[Manifest]:
    requirement = {"key": NAME, "operator": "In", "values": [*names]}
    return [{"namespaceSelector": {"matchExpressions": [requirement]}}]


BOTH = [{"name": "prod"}, {"name": "dev"}]


def test_the_tenants_namespaces_are_known_by_their_names() -> None:
    made = policy({"sameTenant": True, "dns": {"enabled": False}}, namespaces=BOTH)

    peers = same_tenant("acme-dev", "acme-prod")
    assert made["ingress"] == [{"from": SAME_NAMESPACE}, {"from": peers}]
    assert made["egress"] == [{"to": SAME_NAMESPACE}, {"to": peers}]


def test_the_tenants_other_namespaces_leave_out_ones_own_when_that_is_closed() -> None:
    made = policy(NOTHING | {"sameTenant": True}, namespaces=BOTH)

    assert made["ingress"] == [{"from": same_tenant("acme-dev")}]


def test_a_single_namespace_has_no_others() -> None:
    assert "ingress" not in policy(NOTHING | {"sameTenant": True})


def test_a_refused_name_is_not_let_in_for_it_is_somebody_elses() -> None:
    acme = tenant(network={"sameTenant": True}, namespaces=[*BOTH, {"name": "labs-x"}])
    facts = Facts(prefixes={"acme": "acme-", "acme-labs": "acme-labs-"})

    made = spaces(acme, facts)

    assert made["acme-labs-x"].refusal
    [policy_of_prod] = of_kind(made["acme-prod"], "NetworkPolicy")
    assert policy_of_prod["spec"]["ingress"][1] == {"from": same_tenant("acme-dev", "acme-prod")}


def test_a_name_that_somebody_elses_namespace_has_is_not_let_in() -> None:
    acme = tenant(network={"sameTenant": True}, namespaces=[*BOTH, {"name": "db"}])

    made = spaces(acme, Facts(foreign=frozenset({"acme-db"})))["acme-prod"]

    [floor] = of_kind(made, "NetworkPolicy")
    assert floor["spec"]["ingress"][1] == {"from": same_tenant("acme-dev", "acme-prod")}
    annotations = made.namespace["metadata"]["annotations"]
    assert "acme-db" not in annotations["policy.tenantry.io/subjects"]
    assert "acme-db" not in annotations["policy.tenantry.io/ingress-peers"]


def test_a_namespaces_own_network_stands_instead_of_the_tenants() -> None:
    made = policy(
        {"sameTenant": True}, namespaces=[{"name": "prod", "network": NOTHING}, {"name": "dev"}]
    )

    assert made.keys() == {"podSelector", "policyTypes"}
