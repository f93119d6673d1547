"""`System` and a folder → assets, facts and their digests. Reads; writes nothing into the tree."""
