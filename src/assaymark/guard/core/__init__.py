"""Events in, commands out: the guard without I/O, as a visible chain of small named steps."""
