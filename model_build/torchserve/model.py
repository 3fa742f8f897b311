"""The thesis's network in PyTorch. Travels inside the TorchServe archive: one class, Python 3.9."""

from __future__ import annotations

import torch
from torch import nn


class EmotionNet(nn.Module):
    """(N, 1, 100, 100) gray pixels in [0, 1] to (N, 5) log-probabilities, classes in contract order."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 10, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Dropout(0.25),
            nn.Conv2d(10, 30, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Dropout(0.25),
            nn.Flatten(),
            nn.Linear(15870, 500),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(500, 5),
            nn.LogSoftmax(dim=1),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Log-probabilities of the batch."""
        return self.layers(images)  # type: ignore[no-any-return]
