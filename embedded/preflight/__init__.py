"""What this machine has and lacks, said in one screen before anything is done to it."""

from embedded.preflight.report import Report, Route, check, main, render

__all__ = ["Report", "Route", "check", "main", "render"]
