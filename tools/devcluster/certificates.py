"""Who is who: authorities, the certificates they sign, the key of service-account tokens.

As kubeadm does: one authority for the cluster, another for etcd, so that no cluster user's
certificate opens etcd. Elliptic-curve keys (P-256), because fifteen of them take milliseconds where
RSA takes seconds.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LIFETIME: Final = dt.timedelta(days=365)
SKEW: Final = dt.timedelta(minutes=5)
"""How far back validity begins, for clocks that disagree."""


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key, as PEM files.

    Args:
        certificate: The certificate's file.
        key: The key's file, readable by its owner alone.
    """

    certificate: Path
    key: Path

    @classmethod
    def named(cls, folder: Path, name: str) -> Pair:
        """Give where the pair of this name is kept in a folder."""
        return cls(folder / f"{name}.crt", folder / f"{name}.key")


@dataclass(frozen=True)
class Authority:
    """A certificate authority that can sign.

    Args:
        pair: Its own certificate and key.
    """

    pair: Pair

    @classmethod
    def create(cls, folder: Path, name: str) -> Authority:
        """Make a new authority; its pair is written to `folder` under `name`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            template(subject, key.public_key())
            .issuer_name(subject)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(write(Pair.named(folder, name), certificate, key))

    def client(self, pair: Pair, user: str, groups: Sequence[str] = ()) -> Pair:
        """Sign a client certificate: the API server reads CN as the user and each O as a group."""
        names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
        names.append(x509.NameAttribute(NameOID.COMMON_NAME, user))
        return self._sign(pair, names, [ExtendedKeyUsageOID.CLIENT_AUTH], ())

    def server(self, pair: Pair, name: str, hosts: Sequence[str] = ()) -> Pair:
        """Sign a serving certificate for localhost and further DNS names or IP addresses.

        It may act as a client too: etcd's own gateway calls its server with the serving
        certificate.
        """
        names = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        return self._sign(pair, names, usages, ("localhost", "127.0.0.1", *hosts))

    def _sign(
        self,
        pair: Pair,
        names: list[x509.NameAttribute[str]],
        usages: list[x509.ObjectIdentifier],
        hosts: Sequence[str],
    ) -> Pair:
        issuer = x509.load_pem_x509_certificate(self.pair.certificate.read_bytes())
        issuer_key = serialization.load_pem_private_key(self.pair.key.read_bytes(), None)
        if not isinstance(issuer_key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{self.pair.key} is not an elliptic-curve key")
        key = ec.generate_private_key(ec.SECP256R1())
        builder = template(x509.Name(names), key.public_key()).issuer_name(issuer.subject)
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        if hosts:
            alternatives = x509.SubjectAlternativeName([alternative(host) for host in hosts])
            builder = builder.add_extension(alternatives, critical=False)
        return write(pair, builder.sign(issuer_key, hashes.SHA256()), key)


def template(subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    """Begin a certificate: what all of ours have in common."""
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + LIFETIME)
    )


def alternative(host: str) -> x509.GeneralName:
    """Write a host as a subject alternative name, an address as an address."""
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def token_key(folder: Path) -> Pair:
    """Make the key pair of service-account tokens; `certificate` is the bare public half."""
    key = ec.generate_private_key(ec.SECP256R1())
    pair = Pair(folder / "service-accounts.pub", folder / "service-accounts.key")
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    pair.certificate.write_bytes(public)
    write_key(pair.key, key)
    return pair


def write(pair: Pair, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Pair:
    """Write a certificate and its key."""
    write_key(pair.key, key)
    pair.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return pair


def write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """Write a private key that only its owner can read from the first byte on."""
    encoded = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(encoded)
