"""Decisions become ledger entries; policy, calibration and entries become facts that checks read."""
