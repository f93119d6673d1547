"""`Assessment` + ledger → one signed file; that file, hostile until verified → what it shows."""
