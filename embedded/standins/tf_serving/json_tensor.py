"""Turns the `instances` or `inputs` of a predict body into arrays.

Rules and texts: tensorflow_serving/util/json_tensor.cc (FillPredictRequestFromJson and what it calls). Whole
levels are checked at once; only a value that fails is walked again, to name the culprit as upstream does.
"""

import binascii
import itertools
import sys
from collections.abc import Callable, Sequence

import numpy as np

from .dtypes import InputInfo, Tensor
from .errors import ServingError, invalid
from .json_parse import Json, shown, type_name

Shape = tuple[int, ...]
Infos = dict[str, InputInfo]
INT_RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "int16": (-(2**31), 2**31 - 1),
    "int8": (-(2**31), 2**31 - 1),
    "uint8": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
MAX_RANK = 60  # numpy's own bound is 64, with the rows in front
EXACT_INTEGERS = {"float": 2**24 - 1, "double": 2**53 - 1}
LARGEST = {"float": float(np.finfo(np.float32).max), "double": sys.float_info.max}


def signature_name(doc: dict[str, Json]) -> str:
    """Signature that a body asks for; empty for the default."""
    name = doc.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid(
            f"JSON Value: {shown(doc)} not formatted correctly. 'signature_name' key must be a string value."
        )
    return name


def inputs(doc: dict[str, Json], infos: Infos) -> tuple[dict[str, Tensor], bool]:
    """(arrays by input name, whether the body has row format); raises ServingError with upstream's text."""
    if "instances" in doc and "inputs" in doc:
        raise invalid(
            f"JSON Value: {shown(doc)} Not formatted correctly expecting only one of 'inputs' or 'instances' "
            "keys to exist "
        )
    if "instances" in doc:
        return _rows(_instances(doc), infos), True
    if "inputs" in doc:
        return _columns(doc["inputs"], infos), False
    raise invalid("Missing 'inputs' or 'instances' key")


def _instances(doc: dict[str, Json]) -> list[Json]:
    instances = doc["instances"]
    if not isinstance(instances, list):
        raise invalid(f"JSON Value: {shown(doc)} Expecting 'instances' to be an list/array")
    if not instances:
        raise invalid(f"JSON Value: {shown(doc)} No values in 'instances' array")
    return instances


def _is_base64(value: Json) -> bool:
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("b64"), str)


def _is_object(value: Json) -> bool:
    return isinstance(value, dict) and not _is_base64(value)


def _rows(instances: list[Json], infos: Infos) -> dict[str, Tensor]:
    if not isinstance(instances[0], dict) and len(infos) > 1:
        raise invalid(
            "instances is a plain list, but expecting list of objects as multiple "
            "input tensors required as per tensorinfo_map"
        )
    if _is_object(instances[0]):
        return _named_rows(instances, infos)
    for position, element in enumerate(instances):
        if _is_object(element):
            raise invalid(f"Expecting value/list but got object at item {position} of input list")
    name, info = next(iter(infos.items()))
    return {name: _stack(instances, info, "")}


def _named_rows(instances: list[Json], infos: Infos) -> dict[str, Tensor]:
    columns: dict[str, list[Json]] = {name: [] for name in infos}
    for position, element in enumerate(instances):
        if not isinstance(element, dict) or _is_base64(element):
            raise invalid(f"Expecting object but got list at item {position} of input list")
        for key in element:
            if key not in infos:
                cause = invalid(f"JSON object: does not have named input: {key}")
                raise _element_error(position, f" key: {key}", cause)
        if element.keys() != infos.keys():
            raise invalid(
                f"Failed to process element: {position} of 'instances' list. JSON object: {shown(element)} "
                f"keys must be equal to: {','.join(sorted(infos))}"
            )
        for key, value in element.items():
            columns[key].append(value)
    return {name: _stack(values, infos[name], f" key: {name}") for name, values in columns.items()}


def _element_error(position: int, key: str, cause: ServingError) -> ServingError:
    return invalid(f"Failed to process element: {position}{key} of 'instances' list. Error: {cause}")


def _stack(elements: list[Json], info: InputInfo, key: str) -> Tensor:
    """One array of all elements, the first dimension counting them."""
    leaves: list[Json | bytes] = []
    shape: Shape = ()
    for position, element in enumerate(elements):
        try:
            found = _shape(element)
            part = _leaves(element, found, info)
            if position == 0:
                shape = found
            elif len(part) != _size(shape):
                raise invalid(f"Expecting tensor size: {_size(shape)} but got: {len(part)}")
            elif found != shape:
                raise invalid(f"Expecting shape {_shape_text(shape)} but got: {_shape_text(found)}")
            leaves += _converted(part, info)
        except ServingError as error:
            raise _element_error(position, key, error) from error
    return _array(leaves, (len(elements), *shape), info)


def _columns(value: Json, infos: Infos) -> dict[str, Tensor]:
    if not _is_object(value):
        if len(infos) > 1:
            raise invalid(
                "inputs is a plain value/list, but expecting an object as multiple "
                "input tensors required as per tensorinfo_map"
            )
        name, info = next(iter(infos.items()))
        return {name: _whole(value, info)}
    assert isinstance(value, dict)
    for name in infos:
        if name not in value:
            raise invalid(f"Missing named input: {name} in 'inputs' object.")
    return {name: _whole(value[name], info) for name, info in infos.items()}


def _whole(value: Json, info: InputInfo) -> Tensor:
    shape = _shape(value)
    return _array(_converted(_leaves(value, shape, info), info), shape, info)


def _array(leaves: Sequence[Json | bytes], shape: Shape, info: InputInfo) -> Tensor:
    if info.dtype.kind == "string":  # numpy would cut trailing zero bytes of anything but objects
        array = np.empty(len(leaves), np.object_)
        array[:] = leaves
        return array.reshape(shape)
    if info.dtype.kind == "float":
        with np.errstate(over="ignore"):
            return np.array(leaves, np.float64).astype(info.dtype.numpy).reshape(shape)
    wide = np.uint64 if info.dtype.name == "uint64" else np.int64
    return np.array(leaves, wide if leaves else None).astype(info.dtype.numpy).reshape(shape)


def _shape(value: Json) -> Shape:
    """Sizes of the first list at each level; a scalar has none."""
    sizes = []
    while isinstance(value, list):
        sizes.append(len(value))
        if not value:
            break
        value = value[0]
    if len(sizes) > MAX_RANK:
        raise invalid(f"Tensor has {len(sizes)} dimensions; at most {MAX_RANK} are taken")
    return tuple(sizes)


def _size(shape: Shape) -> int:
    return int(np.prod(shape, dtype=np.int64))


def _shape_text(shape: Shape) -> str:
    return "[" + ",".join(map(str, shape)) + "]"


def _leaves(value: Json, shape: Shape, info: InputInfo) -> list[Json]:
    """Values below all levels of `shape`, in order; raises ServingError for lists of another shape."""
    level: list[Json] = [value]
    for size in shape:
        if not all(type(each) is list and len(each) == size for each in level):
            _walk(value, shape, 0, info)
        level = list(itertools.chain.from_iterable(each for each in level if isinstance(each, list)))
    if any(type(each) is list for each in level):
        _walk(value, shape, 0, info)
    return level


def _walk(value: Json, shape: Shape, level: int, info: InputInfo) -> None:
    """Raise the error of the first value, depth first, that does not fit."""
    rank = len(shape)
    if not isinstance(value, list):
        if level != rank:
            raise invalid(
                f"JSON Value: {shown(value)} found at incorrect level: {level + 1} in the JSON DOM. "
                f"Expected at level: {rank}"
            )
        _converted([value], info)
        return
    if level >= rank:
        raise invalid(f"Encountered list at unexpected level: {level} expected < {rank}")
    if len(value) != shape[level]:
        raise invalid(
            f"Encountered list at unexpected size: {len(value)} at level: {level} "
            f"expected size: {shape[level]}"
        )
    for each in value:
        _walk(each, shape, level + 1, info)


def _converted(leaves: list[Json], info: InputInfo) -> Sequence[Json | bytes]:
    """Leaves as values of the input's type; raises ServingError naming the first that is not of it."""
    kind = info.dtype.kind
    if kind == "string":
        return [_bytes(leaf, info) for leaf in leaves]
    fits = _FITS.get(kind)
    if fits is None:
        value = shown(leaves[0]) if leaves else ""
        raise invalid(f"Conversion of JSON Value: {value} to type: {info.dtype.name}")
    if not fits(leaves, info):
        for leaf in leaves:
            if not fits([leaf], info):
                raise _misfit(leaf, info)
    return leaves


def _misfit(leaf: Json, info: InputInfo) -> ServingError:
    if info.dtype.kind == "float" and type(leaf) in (int, float):
        return invalid(
            f"Cannot convert JSON value: {shown(leaf)} to {info.dtype.name} without loss of precision."
        )
    return invalid(
        f"JSON Value: {shown(leaf)} Type: {type_name(leaf)} is not of expected type: {info.dtype.name}"
    )


def _floats(leaves: list[Json], info: InputInfo) -> bool:
    kinds = set(map(type, leaves))
    if not kinds <= {int, float}:
        return False
    exact, largest = EXACT_INTEGERS[info.dtype.name], LARGEST[info.dtype.name]
    if int in kinds and any(type(leaf) is int and not -exact <= leaf <= exact for leaf in leaves):
        return all(type(leaf) is float or _fits_integer(leaf, exact, largest) for leaf in leaves)
    return bool(np.all(_within(np.array(leaves, np.float64), largest)))


def _fits_integer(leaf: Json, exact: int, largest: float) -> bool:
    assert isinstance(leaf, int)
    if -(2**63) <= leaf < 2**64:
        return -exact <= leaf <= exact
    return -largest <= leaf <= largest  # rapidjson keeps longer integers as doubles


def _within(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", largest: float) -> Tensor:
    return ~np.isfinite(values) | (np.abs(values) <= largest)


def _ints(leaves: list[Json], info: InputInfo) -> bool:
    low, high = INT_RANGES[info.dtype.name]
    return all(type(leaf) is int and low <= leaf <= high for leaf in leaves)


def _bools(leaves: list[Json], _: InputInfo) -> bool:
    return all(type(leaf) is bool for leaf in leaves)


_FITS: dict[str, Callable[[list[Json], InputInfo], bool]] = {"float": _floats, "int": _ints, "bool": _bools}


def _bytes(leaf: Json, info: InputInfo) -> bytes:
    if isinstance(leaf, str):
        return leaf.encode("utf-8", "surrogatepass")
    if not isinstance(leaf, dict):
        raise _misfit(leaf, info)
    text = leaf.get("b64")
    if len(leaf) != 1 or not isinstance(text, str):
        raise invalid(f"JSON Value: {shown(leaf)} not formatted correctly for base64 data")
    return decode_base64(text)


def decode_base64(text: str) -> bytes:
    """Bytes of standard base64; padding is optional, ASCII whitespace is skipped (absl::Base64Unescape)."""
    for attempt in (text, "".join(text.split())):
        try:
            return binascii.a2b_base64(attempt + "=" * (-len(attempt) % 4), strict_mode=True)
        except ValueError:  # binascii.Error is one, so is a character beyond ASCII
            continue
    raise invalid("Unable to base64 decode")
