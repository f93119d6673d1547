"""The folder as the unit: what only shows when a model's files are seen side by side."""
