"""Training of what the product ships; nothing here runs at run time."""
