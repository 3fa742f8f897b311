"""The stand-in for Pulumi's `kubernetes` plugin: config, check, diff, create, read, update, delete, await."""
