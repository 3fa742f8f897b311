"""An analysis as a page: sections of text, tables and plots."""
