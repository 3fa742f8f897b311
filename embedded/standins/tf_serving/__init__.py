"""A model server that answers what this project asks of TensorFlow Serving, where its image cannot be had.

Not upstream software: README.md in this folder says what it serves and what it refuses.
"""

VERSION = "2.20-compatible"
SERVER_NAME = "emotion-serving TensorFlow-Serving-compatible (stand-in)"
