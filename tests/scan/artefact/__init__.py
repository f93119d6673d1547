"""Tests of the parsers for model and data files."""
