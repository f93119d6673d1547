"""Request or response → `Decision`: an ordered chain of small steps around a core without I/O.

`event` holds the nouns, `front` undoes disguises, `detector` scores text, `policy` is what the operator
wrote, `rules` are the deterministic checks, `core` puts them in order, `protocol` reads and writes the
wire formats, `proxy` alone touches sockets.
"""
