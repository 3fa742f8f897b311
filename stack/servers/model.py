"""The model that servers serve, as they must know it."""

from dataclasses import dataclass

from model_build.manifest import MODEL_NAME


@dataclass(frozen=True)
class Model:
    """`name` is part of every URL. An adopted model gets whole requests of one `content_type`, ours photos.

    `tensors`: an adopted model's inputs and outputs, as Triton's configuration names them.
    """

    name: str = MODEL_NAME
    content_type: str = ""
    tensors: str = ""

    @property
    def adopted(self) -> bool:
        """Trained elsewhere: what its requests and answers mean is not ours to know."""
        return bool(self.content_type)


OURS = Model()
