"""Asks the FinOps Foundation's own validator about a FOCUS data set.

``python -m focuscheck FILE`` prints what it has to say. It is installed the first time, half a
gigabyte with pandas, polars and DuckDB, into an environment of its own in the user's cache.
"""
