"""Photos on disk, in batches of both trainings, and in requests."""
