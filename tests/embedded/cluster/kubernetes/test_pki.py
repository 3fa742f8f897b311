import ipaddress
import ssl
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from embedded.cluster.kubernetes import pki


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pki")
    pki.ensure(folder)
    return folder


def load(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())


def names(certificate: x509.Certificate) -> x509.SubjectAlternativeName:
    return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def test_every_certificate_is_signed_by_the_authority_it_asks_for(folder: Path) -> None:
    for request in pki.requests():
        load(folder, request.file).verify_directly_issued_by(load(folder, request.authority))


def test_a_certificate_of_the_cluster_is_no_identity_to_etcd(folder: Path) -> None:
    with pytest.raises(ValueError, match="Issuer"):
        load(folder, "admin").verify_directly_issued_by(load(folder, pki.ETCD_CA))


def test_the_api_server_is_known_by_all_its_addresses(folder: Path) -> None:
    found = names(load(folder, "apiserver"))
    addresses = {str(address) for address in found.get_values_for_type(x509.IPAddress)}
    assert addresses == {"127.0.0.1", "10.96.0.1", "10.244.0.1"}
    hosts = set(found.get_values_for_type(x509.DNSName))
    assert {"localhost", "kubernetes", "kubernetes.default.svc.cluster.local"} <= hosts


def test_the_kubelet_is_the_identity_that_node_authorization_knows(folder: Path) -> None:
    certificate = load(folder, "kubelet")
    subject = {attribute.oid: attribute.value for attribute in certificate.subject}
    assert subject == {NameOID.ORGANIZATION_NAME: "system:nodes", NameOID.COMMON_NAME: "system:node:embedded"}
    assert ipaddress.ip_address("10.244.0.1") in names(certificate).get_values_for_type(x509.IPAddress)


def test_a_mere_client_cannot_pose_as_a_server(folder: Path) -> None:
    usage = load(folder, "proxy").extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_keys_are_for_their_owner_alone(folder: Path) -> None:
    keys = list(folder.glob("*.key"))
    assert len(keys) == len(pki.requests()) + 3
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


def test_openssl_takes_every_pair(folder: Path) -> None:
    for request in pki.requests():
        context = ssl.create_default_context(cafile=str(folder / f"{request.authority}.crt"))
        context.load_cert_chain(folder / f"{request.file}.crt", folder / f"{request.file}.key")


def test_a_finished_folder_is_left_alone(folder: Path) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    pki.ensure(folder)
    assert before == {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_folder_left_half_made_is_made_anew_as_a_whole(tmp_path: Path) -> None:
    pki.ensure(tmp_path)
    former = (tmp_path / "ca.crt").read_bytes()
    (tmp_path / "complete").unlink()
    (tmp_path / "admin.key").unlink()
    pki.ensure(tmp_path)
    assert (tmp_path / "ca.crt").read_bytes() != former
    for request in pki.requests():
        load(tmp_path, request.file).verify_directly_issued_by(load(tmp_path, request.authority))


def test_certificates_outlive_any_cluster_and_tolerate_a_slow_clock(folder: Path) -> None:
    certificate = load(folder, "apiserver")
    now = datetime.now(UTC)
    assert certificate.not_valid_before_utc < now
    assert (certificate.not_valid_after_utc - now).days > 3000
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
