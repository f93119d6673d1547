"""Bytes → facts. Nothing here opens a file, knows a provision or judges."""
