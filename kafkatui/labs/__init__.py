"""The labs: lessons as data, their checks over frozen observations, and the real cluster they run on.

A lesson is one file in `lessons` and one file of texts for each language in `texts`. No Textual here.
"""
