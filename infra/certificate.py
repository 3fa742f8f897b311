"""A certificate that signs itself, for a Secret that asks for one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from stack.kube import GENERATED, KubeObject
from stack.recorded import part

HOSTS = "emotion-serving/hosts"  # the annotation with the names and addresses that it is to be made for
TLS = "kubernetes.io/tls"
YEARS = 10  # it is trusted by nobody who was not handed it, and there is nobody to renew it
SKEW = timedelta(hours=1)


def secret(metadata: KubeObject, hosts: Sequence[str]) -> KubeObject:
    """The Secret that asks for a certificate; `declare` makes it, once for all time."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {**metadata, "annotations": {HOSTS: ",".join(hosts)}},
        "type": TLS,
        "stringData": {"tls.crt": GENERATED, "tls.key": GENERATED},
    }


def hosts_of(item: KubeObject) -> tuple[str, ...]:
    """For which names a Secret asks."""
    return tuple(str(part(item, "metadata", "annotations")[HOSTS]).split(","))


def self_signed(hosts: Sequence[str], now: datetime | None = None) -> dict[str, str]:
    """`tls.crt` and `tls.key` as PEM for some names and addresses: ECDSA on P-256, its own authority."""
    key, began = ec.generate_private_key(ec.SECP256R1()), now or datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(began - SKEW)
        .not_valid_after(began + timedelta(days=365 * YEARS))
        .add_extension(x509.SubjectAlternativeName([_name(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    return {"tls.crt": made.public_bytes(pem).decode(), "tls.key": private.decode()}


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
