"""How answering times are counted: by upper bounds in seconds, as a histogram."""

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
"""A call's own time-out is 20 s; what took longer is counted behind the last bound."""
