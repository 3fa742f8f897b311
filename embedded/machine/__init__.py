"""What the rooms of `embedded` stand on: paths, versions, locks, mounts and ports of this machine."""
