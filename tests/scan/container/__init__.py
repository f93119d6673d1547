"""Tests of the archives, compressors and images that hold models."""
