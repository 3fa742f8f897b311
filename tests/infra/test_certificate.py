"""A certificate that signs itself."""

from datetime import UTC, datetime

from cryptography import x509

from infra.certificate import self_signed

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def test_it_is_for_its_hosts_and_its_own_authority() -> None:
    made = x509.load_pem_x509_certificate(self_signed(["a.b.svc", "c"], NOW)["tls.crt"].encode())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.b.svc", "c"]
    made.verify_directly_issued_by(made)


def test_it_outlives_the_stack() -> None:
    made = x509.load_pem_x509_certificate(self_signed(["a"], NOW)["tls.crt"].encode())
    assert made.not_valid_before_utc < NOW
    assert (made.not_valid_after_utc - NOW).days >= 3650
