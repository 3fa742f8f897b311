"""Data on disk and what it means: the ground floor, which imports nothing else of the bench but errors."""
