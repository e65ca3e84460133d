"""The programs as command lines: one function each, with a reason for each flag but the obvious.

The rule: what a production cluster has stays (TLS, authorizers, admission, priority and fairness,
audit); what only slows a single machine down goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from devcluster.layout import CONFIG
from devcluster.ports import HOST

if TYPE_CHECKING:
    from devcluster.layout import Site

PORTS: Final = (
    "etcd",
    "etcd-peer",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kwok",
)
"""Who needs a port."""
SERVICES: Final = "10.96.0.0/16"
PODS: Final = "10.244.0.0/16"
ADVERTISED: Final = "192.0.2.1"
"""The API server's address as the `kubernetes` EndpointSlice shows it. Loopback is refused there;
this one is of TEST-NET-1 (RFC 5737), reserved for what nobody dials."""


def command_lines(site: Site) -> dict[str, tuple[str, ...]]:
    """Give each program's command line, in the order in which they are started."""
    flags = {
        "etcd": etcd(site),
        "kube-apiserver": apiserver(site),
        "kube-controller-manager": controller_manager(site),
        "kube-scheduler": scheduler(site),
        "kwok": kwok(site),
    }
    return {
        program: (
            str(site.programs.path(program)),
            *(f"--{name}={value}" for name, value in of.items()),
        )
        for program, of in flags.items()
    }


def etcd(site: Site) -> dict[str, object]:
    """One member, reachable with its authority's certificates only."""
    pair, authority = site.layout.pair("etcd"), site.layout.pair("etcd-ca").certificate
    client = f"https://{HOST}:{site.ports['etcd']}"
    peer = f"https://{HOST}:{site.ports['etcd-peer']}"
    return {
        "name": "devcluster",
        "data-dir": site.layout.root / "etcd",
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"devcluster={peer}",
        "cert-file": pair.certificate,
        "key-file": pair.key,
        "trusted-ca-file": authority,
        "client-cert-auth": "true",
        "peer-cert-file": pair.certificate,
        "peer-key-file": pair.key,
        "peer-trusted-ca-file": authority,
        "peer-client-cert-auth": "true",
        # The data need not survive the machine: a write costs a page-cache copy instead of the
        # disk's latency.
        "unsafe-no-fsync": "true",
        # One member elects itself; these only set how long it waits before it does.
        "heartbeat-interval": "50",
        "election-timeout": "250",
    }


def apiserver(site: Site) -> dict[str, object]:
    """As kubeadm configures it, on loopback, with Kubernetes' default admission plugins."""
    layout = site.layout
    own, etcd_client = layout.pair("kube-apiserver"), layout.pair("apiserver-etcd-client")
    return {
        "bind-address": HOST,
        "secure-port": site.ports["kube-apiserver"],
        "advertise-address": ADVERTISED,
        "tls-cert-file": own.certificate,
        "tls-private-key-file": own.key,
        "client-ca-file": layout.pair("ca").certificate,
        "etcd-servers": f"https://{HOST}:{site.ports['etcd']}",
        "etcd-cafile": layout.pair("etcd-ca").certificate,
        "etcd-certfile": etcd_client.certificate,
        "etcd-keyfile": etcd_client.key,
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        # Whether a pod may be privileged is for Pod Security to say, not for a switch of the whole
        # cluster.
        "allow-privileged": "true",
        "service-cluster-ip-range": SERVICES,
        "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
        "service-account-key-file": layout.pki / "service-accounts.pub",
        "service-account-signing-key-file": layout.pki / "service-accounts.key",
        # kwok's nodes have loopback addresses and names that no resolver knows.
        "kubelet-preferred-address-types": "InternalIP",
        "audit-policy-file": CONFIG / "audit.yaml",
        "audit-log-path": layout.audit,
        "audit-log-maxsize": 200,
        "audit-log-maxbackup": 1,
        "profiling": "false",
    }


def controller_manager(site: Site) -> dict[str, object]:
    """All default controllers, each with its own service account as in kubeadm's clusters."""
    layout, authority = site.layout, site.layout.pair("ca")
    return {
        **serving(site, "kube-controller-manager"),
        "kubeconfig": layout.kubeconfig("kube-controller-manager"),
        "cluster-signing-cert-file": authority.certificate,
        "cluster-signing-key-file": authority.key,
        "root-ca-file": authority.certificate,
        "service-account-private-key-file": layout.pki / "service-accounts.key",
        "use-service-account-credentials": "true",
        "cluster-cidr": PODS,
        "service-cluster-ip-range": SERVICES,
        # There is one: an election only adds a wait of up to a lease's 15 seconds after a kill.
        "leader-elect": "false",
        # Each controller has 20 requests a second by default. Two thousand namespaces would wait
        # two minutes for their default service accounts; large clusters raise this for the same
        # reason.
        "kube-api-qps": 300,
        "kube-api-burst": 600,
        # Four quotas' usage in each of many namespaces changes at once when a tenant does; five
        # workers by default make status.hard, which the quota work waits for, the slowest thing in
        # the cluster.
        "concurrent-resource-quota-syncs": 20,
        # Namespace deletion is a hundred requests each, most of them waiting.
        "concurrent-namespace-syncs": 20,
        "profiling": "false",
    }


def scheduler(site: Site) -> dict[str, object]:
    """The default scheduler; its client's limits are in config/scheduler.yaml."""
    return {**serving(site, "kube-scheduler"), "config": site.layout.root / "scheduler.yaml"}


def serving(site: Site, program: str) -> dict[str, object]:
    """Give the flags by which a controller serves health and metrics to authorized clients."""
    pair, own = site.layout.pair(program), site.layout.kubeconfig(program)
    return {
        "bind-address": HOST,
        "secure-port": site.ports[program],
        "tls-cert-file": pair.certificate,
        "tls-private-key-file": pair.key,
        "client-ca-file": site.layout.pair("ca").certificate,
        "authentication-kubeconfig": own,
        "authorization-kubeconfig": own,
    }


def kwok(site: Site) -> dict[str, object]:
    """The kubelets of all nodes in one process; nodes' behaviour is in config/kwok.yaml."""
    pair = site.layout.pair("kwok")
    return {
        "kubeconfig": site.layout.kubeconfig("kwok"),
        "config": CONFIG / "kwok.yaml",
        "manage-all-nodes": "true",
        "cidr": PODS,
        # As kubelets: the lease is 40 seconds long and renewed every ten.
        "node-lease-duration-seconds": 40,
        "server-address": f"{HOST}:{site.ports['kwok']}",
        "tls-cert-file": pair.certificate,
        "tls-private-key-file": pair.key,
    }
