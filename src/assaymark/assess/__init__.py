"""Provisions, verified entries and applicability → `Assessment`. Pure; looks at nothing else."""
