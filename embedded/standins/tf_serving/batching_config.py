"""The batching parameters file, with upstream's defaults.

Defaults: tensorflow_serving/servables/tensorflow/bundle_factory_util.cc and SharedBatchScheduler::Options.
"""

from dataclasses import dataclass

from . import text_files
from .errors import StartError
from .flags import cpus
from .protos import CLASSES

FLAG = "batching_parameters_file"


@dataclass(frozen=True)
class Batching:
    """How requests are merged; times in microseconds, sizes in rows."""

    max_batch_size: int = 1000
    batch_timeout_micros: int = 0
    max_enqueued_batches: int = 10
    num_batch_threads: int = 0
    allowed_batch_sizes: tuple[int, ...] = ()
    max_execution_batch_size: int = 0
    enable_large_batch_splitting: bool = False

    @property
    def threads(self) -> int:
        """Batches run at once; upstream's default is the number of CPUs."""
        return self.num_batch_threads or cpus()

    @property
    def execution_size(self) -> int:
        """Largest number of rows that one execution takes."""
        return self.max_execution_batch_size or self.max_batch_size


def read(path: str) -> Batching:
    """Parameters in the ascii file at `path`; raises StartError naming the field, its range and its value."""
    message = text_files.read(FLAG, path, CLASSES["BatchingParameters"]())
    set_fields = {field.name: value for field, value in message.ListFields()}
    if set_fields.get("pad_variable_length_inputs"):
        raise StartError(f"--{FLAG}: pad_variable_length_inputs: not offered by this stand-in; leave it out")
    sizes = tuple(set_fields.pop("allowed_batch_sizes", ()))
    set_fields.pop("thread_pool_name", None)  # names threads only; metrics show "" upstream too
    set_fields.pop("pad_variable_length_inputs", None)
    batching = Batching(
        allowed_batch_sizes=sizes, **{name: value.value for name, value in set_fields.items()}
    )
    problems = [text for wrong, text in _rules(batching, set(set_fields)) if wrong]
    if problems:
        raise StartError("\n".join(f"--{FLAG}: {text}" for text in problems))
    return batching


def _rules(b: Batching, given: set[str]) -> list[tuple[bool, str]]:
    sizes = b.allowed_batch_sizes
    return [
        (b.max_batch_size < 1, f"max_batch_size: expected at least 1, got {b.max_batch_size}"),
        (
            b.batch_timeout_micros < 0,
            f"batch_timeout_micros: expected 0 or more, got {b.batch_timeout_micros}",
        ),
        (
            b.max_enqueued_batches < 1,
            f"max_enqueued_batches: expected at least 1, got {b.max_enqueued_batches}",
        ),
        (
            "num_batch_threads" in given and b.num_batch_threads < 1,
            f"num_batch_threads: expected at least 1, got {b.num_batch_threads}",
        ),
        (
            list(sizes) != sorted(set(sizes)) or any(size < 1 for size in sizes),
            f"allowed_batch_sizes: expected positive sizes in increasing order, got {list(sizes)}",
        ),
        (
            bool(sizes) and sizes[-1] != b.execution_size,
            f"allowed_batch_sizes: expected the last to equal max_batch_size ({b.execution_size}), "
            f"got {list(sizes)}",
        ),
        (
            b.execution_size > b.max_batch_size,
            f"max_execution_batch_size: expected at most max_batch_size ({b.max_batch_size}), "
            f"got {b.execution_size}",
        ),
        (
            b.execution_size != b.max_batch_size and not b.enable_large_batch_splitting,
            "max_execution_batch_size: needs enable_large_batch_splitting { value: true }",
        ),
    ]
