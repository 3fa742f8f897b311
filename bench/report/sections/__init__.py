"""The report's sections. Each module turns the analysis into sentences, tables and plots of one subject.

A section without data says so in a sentence; it never vanishes.
"""
