"""Records and files → manifests that show what was changed, added, removed or moved."""
