"""A path or URL → batches of records with known roles, and the holes that could not be read."""
