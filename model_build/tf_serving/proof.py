"""Load the exported SavedModel as a server would and answer proof photos.

Run as `python -m model_build.tf_serving.proof FOLDER` in a fresh process: nothing of the training is here.
"""

from pathlib import Path

import tensorflow as tf  # type: ignore[import-untyped]

from model_build.child import run_child
from model_build.in_archive import signature
from model_build.in_archive.contract import MODEL_NAME, MODEL_VERSION
from model_build.judge import proof


def answer(folder: Path) -> None:
    """One batch through `serving_default`; writes the answers beside the question."""
    classes = signature.load(folder).classes
    model = tf.saved_model.load(str(folder / "out" / "tensorflow" / MODEL_NAME / str(MODEL_VERSION)))
    outputs = model.signatures["serving_default"](images=tf.constant(proof.images(folder)))
    columns = {name: outputs[name].numpy() for name in (*classes, "label", "error")}
    count = len(columns["label"])
    answers = tuple(
        proof.Answer(
            tuple(float(columns[name][row]) for name in classes),
            columns["label"][row].decode(),
            columns["error"][row].decode(),
        )
        for row in range(count)
    )
    proof.save_answers(folder, "tensorflow", answers)


if __name__ == "__main__":
    run_child(answer)
