"""How well the guard works, in figures with intervals: labelled rows, calibration, replayed traffic."""
