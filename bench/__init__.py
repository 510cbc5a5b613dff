"""Benchmarks of the hot paths. Each prints a ratio against a baseline measured in the same run."""
