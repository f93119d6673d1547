"""The gateway: the only part of the guard that opens a socket."""
