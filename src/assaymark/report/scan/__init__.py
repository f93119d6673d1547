"""A `ScanReport` → text or bytes: one file a format."""
