"""The network in PyTorch: trained, packed as a model archive with its handler, and proven."""
