"""Mends a stack whose `pulumi up` or `destroy` was cut off, or whose state is damaged."""
