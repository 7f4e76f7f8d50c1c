"""Validation: SHACL Core compiled from the packaged shapes, rules that shapes cannot say, and reports for people.

`documents.validate` is the way in for files, `batch.reports` for many records, `engine.evaluate` for triples. What
shapes may use is in `shapes.py`; `shacl.py` asks pySHACL the same questions, and tests hold the two together.
"""
