"""What the operator tells about itself while it works: log lines and metrics.

Any layer with input or output may use it; the pure ones (``api``, ``desired``, ``plan``,
``status``) have nothing to tell, for they return all that they know.
"""
