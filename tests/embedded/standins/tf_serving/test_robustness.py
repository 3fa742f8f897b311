"""Requests that are wrong below the API: bodies, encodings, connections."""

import gzip
import json
import socket

import pytest

from embedded.standins.tf_serving.http_front import BodyError, inflate

from .running import Running

HALF = "/v1/models/half"
BODY = json.dumps({"instances": [1.0]}).encode()
HEAD = b"POST /v1/models/half:predict HTTP/1.1\r\nHost: x\r\n"


def status(reply: bytes) -> bytes:
    return reply.split(b" ", 2)[1] if reply else b""


def test_a_gzip_body_is_read(plain: Running) -> None:
    answer = plain.ask(f"{HALF}:predict", gzip.compress(BODY), Content_Encoding="gzip")
    assert answer.json == {"predictions": [3.5]}


def test_a_body_that_only_claims_to_be_gzip_is_400(plain: Running) -> None:
    for body in (BODY, gzip.compress(BODY)[:-4]):
        answer = plain.ask(f"{HALF}:predict", body, Content_Encoding="gzip")
        assert (answer.status, "gzipped body" in answer.error) == (400, True)


def test_a_gzip_bomb_is_413_and_costs_no_more_than_its_cap(plain: Running) -> None:
    bomb = gzip.compress(b" " * 200_000_000, 9)
    answer = plain.ask(f"{HALF}:predict", bomb, Content_Encoding="gzip")
    assert answer.status == 413
    assert "inflates to more than" in answer.error


def test_inflating_stops_at_the_limit() -> None:
    assert inflate(gzip.compress(b"a" * 100), 100) == b"a" * 100
    with pytest.raises(BodyError) as caught:
        inflate(gzip.compress(b"a" * 101), 100)
    assert caught.value.status == 413


def test_a_body_beyond_the_limit_is_413(plain: Running) -> None:
    answer = plain.ask(f"{HALF}:predict", b" " * 1_000_001)
    assert answer.status == 413
    assert answer.error == "Request body of 1000001 bytes; at most 1000000 are taken"


def test_a_chunked_body_beyond_the_limit_is_413(plain: Running) -> None:
    chunk = b"ffff\r\n" + b" " * 0xFFFF + b"\r\n"
    reply = plain.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 20 + b"0\r\n\r\n")
    assert status(reply) == b"413"


def test_deep_json_is_400_and_harms_nobody(plain: Running) -> None:
    for body in (b'{"instances": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", b'{"a":' * 10_000):
        answer = plain.ask(f"{HALF}:predict", body)
        assert (answer.status, answer.error[:16]) == (400, "JSON Parse error")
    assert plain.predict(BODY).status == 200


def test_nesting_that_json_allows_but_no_tensor_has_is_400(plain: Running) -> None:
    answer = plain.ask(f"{HALF}:predict", b'{"instances": ' + b"[" * 300 + b"1" + b"]" * 300 + b"}")
    assert answer.status == 400


def test_a_content_length_below_the_body_spoils_only_its_connection(plain: Running) -> None:
    reply = plain.raw(HEAD + b"Content-Length: 5\r\n\r\n" + BODY + b"\r\n\r\n")
    assert status(reply) == b"400"
    assert plain.predict(BODY).status == 200


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: many\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Bad Header\r\n",
        b"X: " + b"a" * 100_000 + b"\r\n",
    ],
)
def test_a_header_that_lies_is_400(plain: Running, header: bytes) -> None:
    assert status(plain.raw(HEAD + header + b"\r\n" + BODY)) == b"400"


def test_garbage_instead_of_http_is_400(plain: Running) -> None:
    assert status(plain.raw(b"\x16\x03\x01 hello\r\n\r\n")) == b"400"


def test_one_connection_carries_many_requests(plain: Running) -> None:
    one = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
    with socket.create_connection(("127.0.0.1", plain.rest_port), 30) as connection:
        for _ in range(3):
            connection.sendall(one)
            assert status(connection.recv(65536)) == b"200"
