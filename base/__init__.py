"""What every room may stand on: children, signals, files. Standard library only."""
