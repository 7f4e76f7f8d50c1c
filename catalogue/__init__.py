"""The catalogue: public-sector open source as linked data.

Data flows one way:

    sources → fetch → harvester → Record → reconcile → write (one transaction) → publish → readers

One process writes (`catalogue.store`), everyone else reads immutable publications (`catalogue.publication`).
Lower layers never import higher ones; `tests/test_architecture.py` holds the layers and the owner of each package.
"""

__version__ = "0.1.0"
