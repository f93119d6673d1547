"""Data → `Provision`s: the 72 provisions of EN 304 223 in our own words, by edition."""
