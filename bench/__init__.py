"""Benchmarks: what the catalogue costs, beside its peers in the same run on the same machine.

Figures of two machines, or of two runs, say nothing about each other; the ratios do. `python -m bench` prints Markdown
that can be pasted into `docs/performance.md`.
"""
