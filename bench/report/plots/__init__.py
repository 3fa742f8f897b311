"""Drawings of an experiment. Each module draws one subject from plain data and returns `Plot`s."""
