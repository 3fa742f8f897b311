"""Load a SavedModel and say what it takes and gives.

Run as `python -m model_build.adopted.saved_model_signature VERSION` in a fresh process.
"""

import sys
from pathlib import Path

import tensorflow as tf  # type: ignore[import-untyped]

SIGNATURE = "serving_default"


def main(version: Path) -> None:
    """A line for each input and output; ends with the reason where a server could not serve it."""
    try:
        model = tf.saved_model.load(str(version))
    except Exception as error:  # TensorFlow has an error of its own for every kind of damage
        sys.exit(f"error: expected a SavedModel that TensorFlow {tf.__version__} loads: {_first(error)}")
    known = sorted(model.signatures)
    if SIGNATURE not in known:
        fix = f"export it with one, e.g. tf.saved_model.save(model, FOLDER, signatures={{'{SIGNATURE}': …}})"
        sys.exit(f"error: expected the signature {SIGNATURE}, got {', '.join(known) or 'none'}; {fix}")
    signature = model.signatures[SIGNATURE]
    for kind, specs in (
        ("input", signature.structured_input_signature[1]),
        ("output", signature.structured_outputs),
    ):
        for name, spec in specs.items():
            print(f"  {kind} {name}: {spec.dtype.name} {spec.shape}")


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__


if __name__ == "__main__":
    main(Path(sys.argv[1]))
