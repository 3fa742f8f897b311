"""One load from several places: pods of the cluster, each with a segment of the same arrivals (k6's
`--execution-segment`), whose samples are put together again."""
