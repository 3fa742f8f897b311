"""Models that this project did not train: inspected, asked in a fresh process, and handed on as ours are."""
