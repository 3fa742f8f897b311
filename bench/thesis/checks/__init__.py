"""One check for each claim, by subject."""
