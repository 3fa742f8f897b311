"""The thesis's network in Keras; the same layers as `torchserve.model.EmotionNet`."""

import keras  # type: ignore[import-untyped]
from keras import layers

from model_build.in_archive.contract import CLASSES, IMAGE_SIDE


def emotion_net() -> keras.Model:
    """(N, 100, 100, 1) gray pixels in [0, 1] to (N, 5) log-probabilities, classes in contract order."""
    return keras.Sequential(
        [
            keras.Input((IMAGE_SIDE, IMAGE_SIDE, 1)),
            layers.Conv2D(10, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Conv2D(30, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(500, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(len(CLASSES), activation="log_softmax"),
        ],
        name="emotions",
    )
