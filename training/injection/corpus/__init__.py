"""Our own training texts: attacks, near twins and honest text. Data, never instructions."""
