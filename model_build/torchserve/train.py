"""Train the PyTorch network, export it for TorchServe and as ONNX.

In a process of its own: TensorFlow and PyTorch do not share one.

Run as `python -m model_build.torchserve.train FOLDER`; FOLDER holds plan.json and the tensors.
"""

import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from model_build.child import run_child
from model_build.in_archive import signature
from model_build.in_archive.preprocess import planes
from model_build.judge import outcome
from model_build.photos import batches
from model_build.plan import Plan
from model_build.torchserve import export
from model_build.torchserve.model import EmotionNet
from model_build.triton import graph

EVALUATION_BATCH = 100


def train(folder: Path) -> None:
    """Train by the plan; write the model archive, outcome.json and the answers that prove it."""
    plan, photos, wanted = Plan.load(folder / "plan.json"), batches.load(folder), signature.load(folder)
    torch.manual_seed(plan.seed)
    torch.use_deterministic_algorithms(True)
    started = time.monotonic()
    model = EmotionNet(len(wanted.classes), *wanted.sight)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    epochs = tuple(_epoch(model, optimiser, photos, plan, number) for number in range(plan.epochs))
    on_train, on_test = (_log_probabilities(model, photos, rows) for rows in (photos.train, photos.test))
    outcome.Outcome(
        "PyTorch",
        epochs,
        outcome.accuracy(on_train, photos.labels[photos.train]),
        outcome.accuracy(on_test, photos.labels[photos.test]),
        tuple(int(label) for label in on_test.argmax(axis=1)),
        time.monotonic() - started,
    ).save(folder / "torchserve-outcome.json")
    np.save(folder / "torchserve-test.npy", np.exp(on_test))
    export.export(model, wanted, folder / "out" / "torchserve")
    graph.save(model, wanted, folder / "network.onnx")


def _epoch(
    model: EmotionNet, optimiser: torch.optim.Optimizer, photos: batches.Photos, plan: Plan, number: int
) -> outcome.Epoch:
    model.train()
    order = batches.shuffled(photos.train, plan.batch_size, plan.seed, number)
    losses, right = 0.0, 0
    for rows in tqdm(order, desc=f"Epoch {number + 1}/{plan.epochs}", unit="batch", disable=None):
        images, labels = _batch(photos, rows)
        optimiser.zero_grad()
        answers = model(images)
        error = torch.nn.functional.nll_loss(answers, labels)
        error.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses += error.item() * len(rows)
        right += int((answers.argmax(dim=1) == labels).sum())
    on_test, labels_test = _log_probabilities(model, photos, photos.test), photos.labels[photos.test]
    count = len(photos.train)
    epoch = outcome.Epoch(
        losses / count,
        right / count,
        outcome.loss(on_test, labels_test),
        outcome.accuracy(on_test, labels_test),
    )
    print(
        f"Epoch {number + 1}/{plan.epochs} - accuracy: {epoch.train_accuracy:.4f}"
        f" - loss: {epoch.train_loss:.4f}"
        f" - val_accuracy: {epoch.test_accuracy:.4f} - val_loss: {epoch.test_loss:.4f}",
        flush=True,
    )
    return epoch


def _batch(photos: batches.Photos, rows: batches.Indices) -> tuple[torch.Tensor, torch.Tensor]:
    pixels = planes(photos.tensors[rows])
    return torch.from_numpy(pixels), torch.from_numpy(photos.labels[rows])


def _log_probabilities(
    model: EmotionNet, photos: batches.Photos, rows: batches.Indices
) -> NDArray[np.float32]:
    model.eval()
    with torch.inference_mode():
        answers = [model(_batch(photos, part)[0]) for part in batches.in_order(rows, EVALUATION_BATCH)]
    return torch.cat(answers).numpy()


if __name__ == "__main__":
    run_child(train)
