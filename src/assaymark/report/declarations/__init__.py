"""CycloneDX `definitions.standards` and `declarations`: what is claimed of the system, and why."""
