"""Everything that keeps the bench from its work, below one root; messages name the fix."""

from collections.abc import Sequence


class BenchError(Exception):
    """The bench cannot do what was asked."""


class OptionError(BenchError):
    """An argument of the command line is out of its range, or names what is not there."""


class LoadError(BenchError):
    """A load that must not be sent."""


class GeneratorError(BenchError):
    """There is no load generator."""


class TargetError(BenchError):
    """The server under test is in no state to be measured."""


class PredictionError(BenchError):
    """A server did not answer with a prediction."""


class NoAnswerError(PredictionError):
    """A server did not answer at all: the photo has no part in it."""


class RefusedError(BenchError):
    """Photos of a load get no prediction, or requests of an adopted model not its answers.

    `refused` names each, the server and its reason.
    """

    def __init__(self, refused: Sequence[str], *, adopted: bool = False) -> None:
        named = "".join(f"\n  {each}" for each in refused)
        photos = "--photos: expected a folder whose photos every server answers; nothing was loaded, "
        requests = "artifacts: expected the answers that the model was adopted with; nothing was loaded, "
        told = f"{requests}adopt it again" if adopted else f"{photos}remove what is refused"
        super().__init__(f"{told}:{named}")
        self.refused = tuple(refused)


class StackUnavailableError(BenchError):
    """The stack has no usable outputs, or Pulumi failed on it."""


class ClusterError(BenchError):
    """The API server or a pod gave no answer."""


class CommandError(ClusterError):
    """A command inside a container failed with this exit code; 127: a shell did not find the program."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class ReadError(BenchError):
    """A file cannot be read, or holds something else than expected."""


class WriteError(BenchError):
    """What came out cannot be written: no room, or no right to it."""


class EvidenceError(BenchError):
    """What was measured does not carry what is asked of it."""
