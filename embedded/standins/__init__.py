"""Programs that stand in for upstream software which a machine with package registries only cannot have.

Each promises what this project asks of the original, refuses the rest by name, and says that it is a
stand-in wherever it shows itself (docs/adr/0007-what-stand-ins-promise.md).
"""
