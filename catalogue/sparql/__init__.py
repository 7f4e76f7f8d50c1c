"""Visitors' SPARQL: a lexical guard, and a pool of child processes that evaluate what passes it.

A query of strangers never runs in the process that serves pages: the engine has no way to interrupt one, some texts end
the process that parses them, and a sorted cross product takes 500 MB a second.
"""
