"""Hostile model files, put together byte by byte: nothing is ever pickled, imported or run to make one."""
