"""PredictRequest and PredictResponse: from protobuf to arrays and back.

Checks and texts: tensorflow_serving/servables/tensorflow/predict_util.cc.
"""

from typing import Any, Protocol

from . import tensorflow_runtime as runtime
from .dtypes import Signature, Tensor
from .errors import Code, ServingError, invalid


class HasSignatures(Protocol):
    """Something whose signatures can be asked for by name; empty is the default."""

    def signature(self, name: str) -> Signature | None: ...


def signature_for(servable: HasSignatures, request: Any) -> Signature:
    """Signature that a PredictRequest names; raises ServingError when the model has none of that name."""
    name = request.model_spec.signature_name
    found = servable.signature(name)
    if found is None:
        text = f'Serving signature key "{name or "serving_default"}" not found.'
        raise ServingError(Code.FAILED_PRECONDITION, text)
    return found


def inputs_of(signature: Signature, request: Any) -> dict[str, Tensor]:
    """Arrays by input name; raises ServingError for missing, unknown or mistyped inputs."""
    sent, wanted = set(request.inputs), set(signature.inputs)
    if sent != wanted:
        raise invalid(_mismatch(sent, wanted))
    arrays = {name: runtime.make_array(request.inputs[name]) for name in signature.inputs}
    for name, info in signature.inputs.items():
        if arrays[name].dtype != info.dtype.numpy:
            got = runtime.tensorflow.as_dtype(request.inputs[name].dtype).name
            raise invalid(f"Expects arg[0] to be {info.dtype.name} but {got} is provided (input {name})")
    return arrays


def _mismatch(sent: set[str], wanted: set[str]) -> str:
    def listed(names: set[str]) -> str:
        return "{" + ",".join(sorted(names)) + "}"

    return (
        f"input size does not match signature: {len(sent)}!={len(wanted)} "
        f"len({listed(sent)}) != len({listed(wanted)}). "
        f"Sent extra: {listed(sent - wanted)}. Missing but required: {listed(wanted - sent)}."
    )


def outputs_wanted(signature: Signature, wanted: list[str]) -> list[str]:
    """Names an output_filter asks for, all without one; raises ServingError for unknown or repeated ones."""
    for position, alias in enumerate(wanted):
        if alias not in signature.outputs:
            known = ",".join(sorted(signature.outputs))
            raise invalid(
                f"output tensor alias not found in signature: {alias} "
                f"Outputs expected to be in the set {{{known}}}."
            )
        if alias in wanted[:position]:
            raise invalid(f"duplicate output tensor alias: {alias}")
    return wanted or list(signature.outputs)
