"""The one node: its network, pods, images, and what must be swept away."""
