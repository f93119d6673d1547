"""What no schema validator sees: that every id, reference, index, count and digest of an export resolves.

`check.problems_of` is the entrance; each format has a file with one `problems(document, known)`.
"""
