"""What an autoscaled stack would do under a load: scalers by their published rules, pods by measured figures.

`seen` is what a scaler sees, `pace`, `hpa` and `keda` decide; `metering` is when they see it, `serving` how
pods answer, `simulation` a load played in steps. `measured` finds the figures, `candidates` the settings that
are compared, `ranking` the order.
"""
