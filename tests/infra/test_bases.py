"""What a stack's images are built on is known before anything is deployed."""

from dataclasses import replace

import pytest

from infra.bases import images_of, main
from stack.settings import KedaSettings, Platform, Settings


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


def test_keda_is_named_where_the_platform_has_it() -> None:
    wanted = Settings(platform=Platform(enabled=True, keda=KedaSettings(enabled=True)))
    assert images_of(wanted)[-2:] == ("ghcr.io/kedacore/keda", "ghcr.io/kedacore/keda-metrics-apiserver")
    assert images_of(replace(wanted, platform=Platform())) == images_of(Settings())
