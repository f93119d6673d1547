"""Parts of the soak: an upstream and clients that misbehave, and what is watched meanwhile."""
