"""Web-safe base64 in the graph; that it reads photos as TorchServe does is `test_preprocess`'s."""

import pytest
import tensorflow as tf  # type: ignore[import-untyped]

from model_build.in_archive import contract
from model_build.tf_serving import decode
from tests.model_build import example_photos as photos


@pytest.mark.parametrize("data", [b"\xff\xd8\xff\xe0", b"a", b"ab", b"abc", photos.png(), photos.jpeg()])
def test_web_safe_text_is_decoded(data: bytes) -> None:
    text = tf.io.encode_base64([data, data], pad=False)
    padded = tf.io.encode_base64([data], pad=True)
    decoded, errors = decode.decode_web_safe(tf.concat([text, padded], axis=0))
    assert decoded.numpy().tolist() == [data] * 3
    assert errors.numpy().tolist() == [b""] * 3


def test_text_that_is_not_web_safe_is_refused_alone() -> None:
    texts = ["_-8=", "+/8=", "a", "****", "YQ=", "YQ==", "YQ"]
    decoded, errors = decode.decode_web_safe(tf.constant(texts))
    bad = contract.BAD_WEB_SAFE_BASE64.encode()
    assert errors.numpy().tolist() == [b"", bad, bad, bad, bad, b"", b""]
    assert decoded.numpy()[-1] == b"a"
