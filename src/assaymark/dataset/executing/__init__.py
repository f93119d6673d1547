"""The same engines over many batches: here, or on a cluster."""
