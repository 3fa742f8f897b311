"""Long-lived processes as data, and what starts, watches and ends them."""
