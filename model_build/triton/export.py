"""Triton's model repository: the network as f32 and, where it answers alike, as int8, with its model.

Run as `python -m model_build.triton.export FOLDER`, which holds the network's graph and the tensors.
"""

import logging
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime.quantization import (  # type: ignore[import-untyped]
    CalibrationDataReader,
    QuantType,
    quantize_static,
)

from model_build.carry import carry
from model_build.child import run_child
from model_build.in_archive import signature
from model_build.in_archive.contract import MODEL_NAME, MODEL_VERSION
from model_build.in_archive.preprocess import planes
from model_build.photos import batches
from model_build.triton import precisions
from model_build.triton.network import INPUT, Network
from model_build.triton.precisions import F32, INT8

EVALUATION_BATCH = 100
CALIBRATION_BATCH, CALIBRATION_BATCHES = 20, 10
QUANTIZED = ["Gemm", "MatMul"]  # nearly all of the weights; convolutions gain nothing


def export(folder: Path) -> None:
    """Write out/triton, and what each precision answers about the test split."""
    photos = batches.load(folder)
    model = folder / "out" / "triton" / MODEL_NAME
    version = model / str(MODEL_VERSION)
    version.mkdir(parents=True)
    shutil.copy(folder / "network.onnx", version / f"{F32}.onnx")
    quantize(version / f"{F32}.onnx", version / f"{INT8}.onnx", photos)
    trained, truth = np.load(folder / "torchserve-test.npy"), photos.labels[photos.test]
    answers = {F32: trained, INT8: _answers(version / f"{INT8}.onnx", photos)}
    for name, found in answers.items():
        np.save(folder / f"triton-{name}-test.npy", found)
    f32, int8 = (precisions.judge(name, found, trained, truth) for name, found in answers.items())
    precisions.save(folder, _kept(version, f32, int8))
    wanted = signature.load(folder)
    signature.save(wanted, version)
    (model / "labels.txt").write_text("".join(f"{name}\n" for name in wanted.classes), encoding="utf-8")
    shutil.copy(Path(__file__).with_name("model.py"), version)
    carry(version, "triton/__init__.py", "triton/network.py")


class Calibration(CalibrationDataReader):  # type: ignore[misc]  # untyped
    """Photos of the training split, in the batches that ONNX Runtime asks for."""

    def __init__(self, photos: batches.Photos) -> None:
        some = batches.shuffled(photos.train, CALIBRATION_BATCH, seed=0, epoch=0)[:CALIBRATION_BATCHES]
        self._left = (planes(np.asarray(photos.tensors[np.sort(rows)])) for rows in some)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """The next batch; None after the last."""
        pixels = next(self._left, None)
        return None if pixels is None else {INPUT: pixels}


def quantize(source: Path, target: Path, photos: batches.Photos) -> None:
    """Weights with a scale for each column, activations by their range over photos of the training split.

    By their range in each call instead, a photo's answer would depend on those that share its batch: by up to
    0.006 here. In seven bits: processors without VNNI add pairs of 8-bit products in 16 bits, which would
    overflow.
    """
    logging.disable(logging.WARNING)  # it recommends a step that this graph has no need of
    quantize_static(
        source,
        target,
        Calibration(photos),
        op_types_to_quantize=QUANTIZED,
        per_channel=True,
        reduce_range=True,
        activation_type=QuantType.QUInt8,  # with signed weights the pair that most processors compute fastest
        extra_options={"OpTypesToExcludeOutputQuantization": QUANTIZED},
    )


def _answers(network: Path, photos: batches.Photos) -> NDArray[np.float32]:
    loaded = Network(network, threads=0)
    parts = batches.in_order(photos.test, EVALUATION_BATCH)
    return np.concatenate([loaded.probabilities(photos.tensors[rows]) for rows in parts])


def _kept(version: Path, f32: precisions.Judged, int8: precisions.Judged) -> tuple[precisions.Judged, ...]:
    for each in (f32, int8):
        size = f"{(version / each.file).stat().st_size / 1e6:.1f} MB"
        same = f"f32's label for {each.agreement:.1%}"
        print(f"{each.precision}: {size}, test {each.test_accuracy:.1%}, {same}", flush=True)
    if reason := precisions.doubt(int8, f32):
        print(f"warning: int8 is left out: {reason}", flush=True)
        (version / int8.file).unlink()
        return (f32,)
    return f32, int8


if __name__ == "__main__":
    run_child(export)
