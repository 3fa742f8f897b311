"""A stand-in for kube-state-metrics, for machines on which upstream's program cannot be had.

The metrics that the product's dashboards and alerts ask for, by upstream's names, labels and types
(kube-state-metrics v2, docs/metrics). Standard library only. Unlike upstream it lists the API server at
every scrape instead of watching it: right for one small cluster, at most a second old, and 503 when the API
server does not answer.
"""

NAME = "emotion-serving kube-state-metrics (stand-in)"
CONTRACT = "2.17.0"  # the kube-state-metrics whose metrics and flags it follows
