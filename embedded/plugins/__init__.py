"""Stand-ins for Pulumi's `kubernetes` and `docker` plugins, for machines that cannot download them.

They speak the engine's own protocol and serve the kinds that this project declares; everything else is
refused by name. `install` tries upstream's plugins first and puts these into a project-local PULUMI_HOME
only when that fails.
"""
