"""Batches → mergeable states → findings and a score for every record. One engine, one kind of poison."""
