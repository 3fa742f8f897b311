"""How good the networks are, and whether their exports answer as they do."""
