"""Train and export the Keras network, in a process of its own (TensorFlow and PyTorch do not share one).

Run as `python -m model_build.tf_serving.train FOLDER`; FOLDER holds plan.json and the tensors.
"""

import sys
import time
from pathlib import Path

import keras  # type: ignore[import-untyped]
import numpy as np
import tensorflow as tf  # type: ignore[import-untyped]
from numpy.typing import NDArray

from model_build.child import run_child
from model_build.in_archive import signature
from model_build.judge import outcome
from model_build.photos import batches
from model_build.plan import Plan
from model_build.tf_serving import export
from model_build.tf_serving.model import emotion_net

EVALUATION_BATCH = 100


class Rows(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no types
    """Batches of photos read from disk one at a time."""

    def __init__(self, photos: batches.Photos, order: list[batches.Indices]) -> None:
        super().__init__()
        self._photos, self._order = photos, order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, index: int) -> tuple[batches.Tensors, batches.Indices]:
        rows = self._order[index]
        pixels = self._photos.tensors[rows]
        return pixels if pixels.ndim == 4 else pixels[..., np.newaxis], self._photos.labels[rows]


def train(folder: Path) -> None:
    """Train by the plan; write the SavedModel, outcome.json and the answers that prove it."""
    plan, photos, wanted = Plan.load(folder / "plan.json"), batches.load(folder), signature.load(folder)
    keras.utils.set_random_seed(plan.seed)
    tf.config.experimental.enable_op_determinism()
    started = time.monotonic()
    model = _compiled(wanted)
    epochs = tuple(_epoch(model, photos, plan, number) for number in range(plan.epochs))
    on_train, on_test = (_log_probabilities(model, photos, rows) for rows in (photos.train, photos.test))
    outcome.Outcome(
        "TensorFlow",
        epochs,
        outcome.accuracy(on_train, photos.labels[photos.train]),
        outcome.accuracy(on_test, photos.labels[photos.test]),
        tuple(int(label) for label in on_test.argmax(axis=1)),
        time.monotonic() - started,
    ).save(folder / "tensorflow-outcome.json")
    np.save(folder / "tensorflow-test.npy", np.exp(on_test))
    export.export(model, wanted, folder / "out" / "tensorflow", folder / "out" / "photos")


def _compiled(wanted: signature.Signature) -> keras.Model:
    model = emotion_net(wanted)
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def _epoch(model: keras.Model, photos: batches.Photos, plan: Plan, number: int) -> outcome.Epoch:
    order = batches.shuffled(photos.train, plan.batch_size, plan.seed, number)
    history = model.fit(
        Rows(photos, order),
        initial_epoch=number,
        epochs=number + 1,
        shuffle=False,
        verbose=1 if sys.stdout.isatty() else 2,
        validation_data=Rows(photos, batches.in_order(photos.test, EVALUATION_BATCH)),
    ).history
    return outcome.Epoch(*(history[name][0] for name in ("loss", "accuracy", "val_loss", "val_accuracy")))


def _log_probabilities(
    model: keras.Model, photos: batches.Photos, rows: batches.Indices
) -> NDArray[np.float32]:
    order = batches.in_order(rows, EVALUATION_BATCH)
    return np.asarray(model.predict(Rows(photos, order), verbose=0))


if __name__ == "__main__":
    run_child(train)
