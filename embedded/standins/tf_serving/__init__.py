"""A model server that speaks TensorFlow Serving's protocols, for machines that cannot pull its image.

Not upstream software: see README.md in this folder for what differs.
"""

VERSION = "2.20-compatible"
SERVER_NAME = "emotion-serving TensorFlow-Serving-compatible (stand-in)"
