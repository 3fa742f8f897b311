"""How fast what is deployed goes by itself: what renders it and what plays it (`bench whatif`) agree."""

DRAIN_SECONDS = 10  # a pod that ends answers so long: endpoints are removed, and no server drains by itself
METRICS_SECONDS = 15  # metrics-server takes a sample of every pod so often
