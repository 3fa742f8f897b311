"""The thesis's network in Keras; the same layers as `torchserve.model.EmotionNet`."""

import keras  # type: ignore[import-untyped]
from keras import layers

from model_build.in_archive.signature import Signature


def emotion_net(signature: Signature) -> keras.Model:
    """(N, side, side, channels) pixels in [0, 1] to (N, classes) log-probabilities."""
    return keras.Sequential(
        [
            keras.Input((signature.sight.side, signature.sight.side, signature.sight.channels)),
            layers.Conv2D(10, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Conv2D(30, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(500, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(len(signature.classes), activation="log_softmax"),
        ],
        name="emotions",
    )
