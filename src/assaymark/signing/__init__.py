"""A model folder → its digests → a signed statement, and back: OpenSSF Model Signing v1.0.

Beside it, sums files for releases and drills that prove a backup.

Everything here reads files that may be hostile. Only `restore` writes, into a new folder that was named.
"""
