"""From an experiment's stored evidence to its answer. Reads by `bench.records.store`, writes nothing."""
