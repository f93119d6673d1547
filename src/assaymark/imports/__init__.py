"""Other tools' reports → `Observation`s bound to the version that was tested. One file a format."""
