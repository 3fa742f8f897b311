"""From an experiment's stored evidence to its answer. Reads by `bench.store`, writes nothing."""
