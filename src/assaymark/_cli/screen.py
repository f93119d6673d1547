"""What the terminal that is printed to can show."""

import os
import shutil
import sys

__all__ = ["colour", "width"]


def width() -> int:
    """Columns of the terminal, between 60 and 120; 80 where there is none."""
    return max(60, min(120, shutil.get_terminal_size((80, 24)).columns)) if sys.stdout.isatty() else 80


def colour() -> bool:
    """Whether colour is wanted: on a terminal, unless `NO_COLOR` is set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
