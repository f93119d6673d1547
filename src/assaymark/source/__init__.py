"""A place → files that can be read: the folder walk, open files, remote stores, and where work runs."""
