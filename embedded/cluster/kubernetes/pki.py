"""The cluster's certificates: one authority for Kubernetes, one for etcd, made anew with every cluster.

A certificate of the cluster's authority is an identity to the API server, so etcd has its own authority.
Keys are ECDSA P-256 and lie in files of mode 0600.
"""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from embedded.cluster import layout
from embedded.cluster.files import write_atomically

LIFETIME = timedelta(days=3650)
CLOCK_SKEW = timedelta(minutes=5)
LOCAL = ("127.0.0.1", "localhost")
CLUSTER_CA = "ca"
ETCD_CA = "etcd-ca"
SERVICE_ACCOUNTS = "service-accounts"


@dataclass(frozen=True)
class Request:
    """A certificate to be issued: `names` are its subject alternative names (addresses or host names)."""

    file: str
    common_name: str
    organization: str = ""
    names: tuple[str, ...] = ()
    authority: str = CLUSTER_CA


@dataclass(frozen=True)
class Pair:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def requests() -> tuple[Request, ...]:
    """Every certificate of the cluster, with the identity that Kubernetes' RBAC knows it by."""
    kubernetes = ("kubernetes", "kubernetes.default", "kubernetes.default.svc")
    api_names = (
        *LOCAL,
        layout.API_SERVICE_IP,
        layout.NODE_IP,
        *kubernetes,
        f"kubernetes.default.svc.{layout.CLUSTER_DOMAIN}",
    )
    return (
        Request("apiserver", "kube-apiserver", names=api_names),
        Request("apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters"),
        Request("admin", "admin", "system:masters"),
        Request("controller-manager", "system:kube-controller-manager", names=LOCAL),
        Request("scheduler", "system:kube-scheduler", names=LOCAL),
        Request("kubelet", f"system:node:{layout.NODE}", "system:nodes", (layout.NODE, layout.NODE_IP)),
        Request("proxy", "system:kube-proxy"),
        Request("loadbalancer", "emotion-serving:loadbalancer"),
        Request("front-proxy", "front-proxy-client"),
        Request("etcd", "etcd", names=LOCAL, authority=ETCD_CA),
        Request("etcd-client", "kube-apiserver", authority=ETCD_CA),
    )


def ensure(folder: Path) -> None:
    """Write what is missing. A folder left half-made by a killed start is made anew, as a whole."""
    complete = folder / "complete"
    if complete.exists():
        return
    now = datetime.now(UTC)
    authorities = {name: authority(name, now) for name in (CLUSTER_CA, ETCD_CA)}
    for name, pair in authorities.items():
        _write(folder, name, pair)
    for request in requests():
        _write(folder, request.file, issue(request, authorities[request.authority], now))
    key = ec.generate_private_key(ec.SECP256R1())
    write_atomically(folder / f"{SERVICE_ACCOUNTS}.key", _private(key))
    write_atomically(folder / f"{SERVICE_ACCOUNTS}.pub", _public(key))
    write_atomically(complete, b"")


def authority(name: str, now: datetime) -> Pair:
    """A self-signed certificate authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"emotion-serving embedded {name}")])
    usage = _key_usage(signs_certificates=True)
    certificate = (
        _builder(subject, subject, key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return Pair(certificate, key)


def issue(request: Request, signer: Pair, now: datetime) -> Pair:
    """A certificate for a client; for a server as well if the request holds names."""
    key = ec.generate_private_key(ec.SECP256R1())
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if request.names else [])]
    builder = (
        _builder(_subject(request), signer.certificate.subject, key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(_authority_key_id(signer), critical=False)
    )
    if request.names:
        names = x509.SubjectAlternativeName([_general_name(name) for name in request.names])
        builder = builder.add_extension(names, critical=False)
    return Pair(builder.sign(signer.key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFETIME)
        .add_extension(identifier, critical=False)
    )


def _subject(request: Request) -> x509.Name:
    parts = [(NameOID.ORGANIZATION_NAME, request.organization), (NameOID.COMMON_NAME, request.common_name)]
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts if value])


def _authority_key_id(signer: Pair) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key())


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _write(folder: Path, name: str, pair: Pair) -> None:
    pem = pair.certificate.public_bytes(serialization.Encoding.PEM)
    write_atomically(folder / f"{name}.key", _private(pair.key))
    write_atomically(folder / f"{name}.crt", pem, 0o644)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _public(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form)
