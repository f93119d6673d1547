"""Assaymark assesses an AI system against ETSI EN 304 223.

The code follows one sentence, and each folder is one of its arrows::

    describe → discover → scan → check → record → assess → report
     System     Asset      facts  Observation  Entry  Assessment  terminal, HTML, JSON, SARIF

``system`` reads the manifest, ``discover`` finds the assets by parsing (never by loading or
running), ``scan`` turns bytes into facts, ``checks`` turn facts into observations, ``ledger``
records them, ``assess`` weighs them against ``standard`` and ``report`` prints the result.
``pipeline`` is the sentence itself. See ``docs/concepts.md``.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
