"""`Observation` → signed `Entry`; entries → verified entries. Only ``store`` and ``keys`` touch the disk."""
