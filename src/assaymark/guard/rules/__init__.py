"""Deterministic rules: what may pass although found, what tools may do, what may leave, how much of it."""
