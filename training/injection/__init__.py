"""The injection detector: corpus, mix, training, export. See README.md."""
