"""What a stack's images are built on is known before anything is deployed."""

import pytest

from infra.bases import main


@pytest.mark.parametrize(
    ("stack", "told"),
    [
        ("triton-int8", ["nvcr.io/nvidia/tritonserver"]),
        ("torch-hpa", ["pytorch/torchserve"]),
        ("a-stack-without-a-file", ["tensorflow/serving", "pytorch/torchserve"]),
    ],
)
def test_the_bases_are_those_of_the_stacks_servers(
    stack: str, told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([stack]) == 0
    assert capsys.readouterr().out.split() == told
