"""Status and metadata of models as protobuf messages, and as the JSON upstream prints of them.

Sources: tensorflow_serving/model_servers/get_model_status_impl.cc, http_rest_api_util.cc (ToJsonString).
"""

import json
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from tensorflow_serving.apis import (  # type: ignore[import-untyped]
    get_model_metadata_pb2,
    get_model_status_pb2,
)

from .manager import Manager
from .servable import Servable
from .versions import ModelSpec


def status(manager: Manager, spec: ModelSpec) -> get_model_status_pb2.GetModelStatusResponse:
    """GetModelStatusResponse for the versions meant; raises ServingError when there are none."""
    response = get_model_status_pb2.GetModelStatusResponse()
    for each in manager.statuses(spec):
        entry = response.model_version_status.add(version=each.version, state=each.state.value)
        entry.status.error_code = each.code.number
        entry.status.error_message = each.message
    return response


def signatures(servable: Servable) -> get_model_metadata_pb2.SignatureDefMap:
    """SignatureDefMap of a version."""
    found = get_model_metadata_pb2.SignatureDefMap()
    for name, proto in servable.signature_protos.items():
        found.signature_def[name].CopyFrom(proto)
        found.signature_def[name].ClearField("defaults")
    return found


def metadata(manager: Manager, spec: ModelSpec) -> get_model_metadata_pb2.GetModelMetadataResponse:
    """GetModelMetadataResponse with the field signature_def; raises ServingError when no version serves."""
    response = get_model_metadata_pb2.GetModelMetadataResponse()
    with manager.use(spec) as servable:
        response.model_spec.name = spec.name
        response.model_spec.version.value = servable.version
        response.metadata["signature_def"].Pack(signatures(servable))
    return response


def status_json(manager: Manager, spec: ModelSpec) -> bytes:
    """Body of GET /v1/models/NAME."""
    return json.dumps(_plain(status(manager, spec)), indent=1, ensure_ascii=False).encode() + b"\n"


def metadata_json(manager: Manager, spec: ModelSpec) -> bytes:
    """Body of GET /v1/models/NAME/metadata: the packed signatures are printed open."""
    response = metadata(manager, spec)
    found = get_model_metadata_pb2.SignatureDefMap()
    response.metadata["signature_def"].Unpack(found)
    shown = {"model_spec": _plain(response.model_spec), "metadata": {"signature_def": _plain(found)}}
    return json.dumps(shown, indent=1, ensure_ascii=False).encode() + b"\n"


def _plain(message: Message) -> dict[str, Any]:
    return json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
