"""Texts that a library evaluates as Python when it is loaded, as that library itself writes them."""

import re

from assaymark.scan.pickle.values import Value

__all__ = ["is_formula", "is_template"]

_NAME = r"[A-Za-z_]\w{0,40}(?:=[0-9.]{1,9}|=None)?"
_LIST = rf"(?:{_NAME}, ?){{0,12}}"
_IN = rf"self, {_LIST} ?{_NAME}(?:, {_NAME})?"
_OUT = r"[\w.]{1,9}, [\w.]{1,9}"
_TEMPLATE = re.compile(
    rf"\ndef _parse_args\({_IN}\):\n    return \({_LIST}\), {_OUT}\n"
    rf"\ndef _parse_args_rvs\({_IN}, size=None\):\n"
    rf"    return self\._argcheck_rvs\({_LIST} ?{_OUT}, size=size\)\n"
    rf"\ndef _parse_args_stats\({_IN}, moments='mv'\):\n"
    rf"    return \({_LIST}\), {_OUT}, moments\n\Z"
)
_PLAIN = re.compile(r"[\w .+*/:~^|,()\[\]=\n-]{1,4000}\Z")
_DOTTED = re.compile(r"([A-Za-z_]\w{0,60})\.")
_CALLED = re.compile(r"([A-Za-z_][\w.]{0,60})\s?[(\[]")
_FUNCTIONS = frozenset({
    "C", "I", "Q", "log", "exp", "sqrt", "bs", "cr", "cc", "te", "center", "standardize", "scale", "poly",
    "Treatment", "Sum", "Poly", "Diff", "Helmert", "np.log", "np.log2", "np.log10", "np.log1p", "np.exp",
    "np.sqrt", "np.abs", "np.square", "np.power",
})  # fmt: skip


def is_template(value: Value) -> bool:
    """The source of three functions that scipy's distributions run when they are given their state."""
    return isinstance(value, str) and len(value) < 4000 and _TEMPLATE.match(value) is not None


def is_formula(value: Value) -> bool:
    """A statistical formula (`y ~ a + C(b)`) without anything that Python would do for it but arithmetic."""
    if not isinstance(value, str) or "__" in value or not _PLAIN.match(value):
        return False
    if not {"np", "numpy"}.issuperset(_DOTTED.findall(value)):
        return False
    return _FUNCTIONS.issuperset(_CALLED.findall(value))
