"""Every inspector, in order: the first that claims a blob names its format."""

import functools

from assaymark.scan.part import Inspector

__all__ = ["all_inspectors"]


@functools.cache
def all_inspectors() -> tuple[Inspector, ...]:
    """The inspectors of every format; imported when asked for."""
    from assaymark.scan import config, container, hdf5, pickle, weights

    found = (*weights.INSPECTORS, *container.INSPECTORS, *pickle.INSPECTORS)
    return (*found, *hdf5.INSPECTORS, *config.INSPECTORS)
