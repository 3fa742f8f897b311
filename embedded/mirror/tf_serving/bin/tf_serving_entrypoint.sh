#!/bin/sh
# As in the upstream image, but the server takes the shell's place, so that SIGTERM reaches it.
exec tensorflow_model_server --port=8500 --rest_api_port=8501 \
    --model_name="${MODEL_NAME}" --model_base_path="${MODEL_BASE_PATH}/${MODEL_NAME}" "$@"
