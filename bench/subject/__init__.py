"""The stack under test: one client for each thing that can be asked of it."""
