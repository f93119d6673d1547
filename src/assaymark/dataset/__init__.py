"""A data set → suspects, the patterns that give them away, and where each record came from.

`reading` gives batches, `engines` find, `executing` runs engines on one machine or many, `provenance` ties
records to their origin. Nothing here judges a provision.
"""
