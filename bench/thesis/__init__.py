"""“The thesis, measured again”: what a thesis on scaling says, and what an experiment says on it."""
