"""The scan of a data set → terminal, JSON, HTML, SARIF, one file a format."""
