"""`Assessment` → OSCAL 1.2: catalog, a profile a role, component definition, assessment results.

The 72 are controls in our own words, the 115 obligations items of their statements. NIST's formats know two
states, so whatever else we know stands in `props` of our own name space.
"""
