"""Status and metadata of the model as the JSON that upstream prints of its protobuf messages.

Sources: tensorflow_serving/model_servers/get_model_status_impl.cc, http_rest_api_util.cc (ToJsonString).
"""

import json

from google.protobuf import json_format

from .manager import Manager
from .versions import ModelSpec, VersionStatus


def status(manager: Manager, spec: ModelSpec) -> bytes:
    """Body of GET /v1/models/NAME; raises ServingError when there are no such versions."""
    entries = [_entry(each) for each in manager.statuses(spec)]
    return _body({"model_version_status": entries})


def _entry(status: VersionStatus) -> dict[str, object]:
    return {
        "version": str(status.version),
        "state": status.state.value,
        "status": {"error_code": status.code.name, "error_message": status.message},
    }


def metadata(manager: Manager, spec: ModelSpec) -> bytes:
    """Body of GET /v1/models/NAME/metadata; raises ServingError when no such version serves."""
    with manager.use(spec) as servable:
        signatures = {name: _plain(proto) for name, proto in servable.signature_protos.items()}
        version = str(servable.version)
    return _body(
        {
            "model_spec": {"name": spec.name, "signature_name": "", "version": version},
            "metadata": {"signature_def": {"signature_def": signatures}},
        }
    )


def _plain(proto: object) -> dict[str, object]:
    found: dict[str, object] = json_format.MessageToDict(
        proto,  # type: ignore[arg-type]  # TensorFlow has no types
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )
    found.pop("defaults", None)  # newer than upstream's message
    return found


def _body(content: object) -> bytes:
    return json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n"
