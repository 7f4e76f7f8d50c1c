"""Descriptions as the profiles want them: ADMS-AP 2.01 and DCAT-AP 3.0.1.

The two contradict each other (the status of distributions, the types of licences and of software, the number of
publishers, checksums), so no one description obeys both, and each profile has a view. A view is a table: which values
of which properties it takes, by which name, and how many. Nothing in it is made up: all of it is said by the
description, by the code lists of the terms that it names, or by the range of a property. What then still breaks the
profile's shapes is left out, with the reason.
"""
