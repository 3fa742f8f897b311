"""Dataset -> two trained networks -> two proven exports -> artifacts/manifest.json."""
