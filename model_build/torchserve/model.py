"""The thesis's network in PyTorch. Travels inside the TorchServe archive: one class, Python 3.9."""

from __future__ import annotations

import torch
from torch import nn


class EmotionNet(nn.Module):
    """(N, channels, side, side) pixels in [0, 1] to (N, classes) log-probabilities."""

    def __init__(self, classes: int, side: int, channels: int) -> None:
        super().__init__()
        left = ((side - 2) // 2 - 2) // 2  # of each side, after two convolutions and poolings
        self.layers = nn.Sequential(
            nn.Conv2d(channels, 10, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Dropout(0.25),
            nn.Conv2d(10, 30, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Dropout(0.25),
            nn.Flatten(),
            nn.Linear(30 * left**2, 500),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(500, classes),
            nn.LogSoftmax(dim=1),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Log-probabilities of the batch."""
        return self.layers(images)  # type: ignore[no-any-return]
