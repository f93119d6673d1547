"""Honest model files, written by the libraries that people save models with."""
