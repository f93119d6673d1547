"""What the operator wrote: YAML → `Policy`, checked against a published schema, and linted."""
