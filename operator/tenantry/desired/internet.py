"""What "the internet" is: every address that stands for one host out there, and nothing nearer.

A network policy can only name blocks and what is left out of them. Left out always: what never
leaves the machine or the link, what is no single host, and where clouds hand credentials to
whoever asks. Left out unless asked for: the private ranges, where the cluster's own nodes, the API
server and the company's other systems are.

Sources: the IANA special-purpose registries
(https://www.iana.org/assignments/iana-ipv4-special-registry/,
https://www.iana.org/assignments/iana-ipv6-special-registry/) and the RFCs beside each block.
"""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from tenantry.api.base import Manifest

_LOCAL_V4: Final = (
    "0.0.0.0/8",  # this host, this network: RFC 1122, 3.2.1.3
    "127.0.0.0/8",  # loopback: RFC 1122, 3.2.1.3
    "169.254.0.0/16",  # link-local: RFC 3927; metadata of AWS, Azure, Google Cloud and most others
    "224.0.0.0/4",  # multicast: RFC 5771
    "255.255.255.255/32",  # broadcast: RFC 8190
)
_LOCAL_V6: Final = (
    "::/128",  # unspecified: RFC 4291, 2.5.2
    "::1/128",  # loopback: RFC 4291, 2.5.3
    "fe80::/10",  # link-local: RFC 4291, 2.5.6
    "ff00::/8",  # multicast: RFC 4291, 2.7
)
_METADATA_V4: Final = (
    "100.100.100.200/32",  # Alibaba Cloud
    "168.63.129.16/32",  # Azure: the host that configures virtual machines
    "192.0.0.192/32",  # Oracle Cloud, classic
)
_METADATA_V6: Final = (
    "fd00:ec2::23/128",  # AWS: EKS Pod Identity
    "fd00:ec2::254/128",  # AWS
    "fd20:ce::254/128",  # Google Cloud
)
"""Where clouds say who a machine is and give it credentials, outside link-local addresses.

Of AWS: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html,
https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html; of Azure:
https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16; of Google:
https://cloud.google.com/compute/docs/metadata/querying-metadata; of Alibaba:
https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata."""
_PRIVATE_V4: Final = (
    "10.0.0.0/8",  # RFC 1918
    "100.64.0.0/10",  # shared with carriers: RFC 6598
    "172.16.0.0/12",  # RFC 1918
    "192.0.0.0/24",  # protocol assignments: RFC 6890
    "192.168.0.0/16",  # RFC 1918
    "198.18.0.0/15",  # benchmarks: RFC 2544
    "240.0.0.0/4",  # reserved, used as private: RFC 1112, 4
)
_PRIVATE_V6: Final = (
    "64:ff9b:1::/48",  # translators of one's own: RFC 8215
    "fc00::/7",  # unique local: RFC 4193
    "fec0::/10",  # site-local: RFC 3879
)
_NAT64: Final = IPv6Network("64:ff9b::/96")
"""Every IPv4 address again, through a translator: RFC 6052. So what is left out there is left out
here as well; the rest stays, for it is how a cluster with IPv6 alone reaches the IPv4 internet."""

Network = IPv4Network | IPv6Network


def internet_blocks(*, include_private: bool) -> tuple[Manifest, Manifest]:
    """The two ``ipBlock`` values, IPv4 and IPv6; shared, so not to be changed."""
    return _WITH_PRIVATE if include_private else _PUBLIC


def _blocks(v4: Iterable[str], v6: Iterable[str]) -> tuple[Manifest, Manifest]:
    left_out_v4 = [IPv4Network(block) for block in v4]
    left_out_v6 = [IPv6Network(block) for block in v6]
    translated = [_translated(block) for block in left_out_v4]
    return (
        {"cidr": "0.0.0.0/0", "except": _distinct(left_out_v4)},
        {"cidr": "::/0", "except": _distinct([*left_out_v6, *translated])},
    )


def _translated(block: IPv4Network) -> IPv6Network:
    first = int(_NAT64.network_address) + int(block.network_address)
    return IPv6Network((first, _NAT64.prefixlen + block.prefixlen))


def _distinct(blocks: Iterable[Network]) -> list[str]:
    """In order, without those that lie within another."""
    kept: list[Network] = []
    for block in sorted(blocks, key=lambda each: (each.network_address.packed, each.prefixlen)):
        if not kept or not _contains(kept[-1], block):
            kept.append(block)
    return [str(block) for block in kept]


def _contains(outer: Network, inner: Network) -> bool:
    return ip_network(outer).overlaps(inner)  # of two blocks that overlap, one holds the other


_ALWAYS_V4: Final = (*_LOCAL_V4, *_METADATA_V4)
_ALWAYS_V6: Final = (*_LOCAL_V6, *_METADATA_V6)
_WITH_PRIVATE: Final = _blocks(_ALWAYS_V4, _ALWAYS_V6)
_PUBLIC: Final = _blocks((*_ALWAYS_V4, *_PRIVATE_V4), (*_ALWAYS_V6, *_PRIVATE_V6))
