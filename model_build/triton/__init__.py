"""The network for Triton: an ONNX graph in two precisions, and the model that answers requests with it."""
