"""LaTeX that is not drawn: phantoms, white or tiny text, and comments of whole sentences."""

import re

from assaymark.guard.front.language import speaks
from assaymark.guard.front.mapped import Found, Run, exact, listed, merged

__all__ = ["latex"]

_HIDDEN = re.compile(
    r"\\(?:[hv]?phantom|textcolor\{white\}|color\{white\}|textcolor\[[a-zA-Z]{1,8}\]\{1,1,1\}|scalebox\{0(?:\.0\d*)?\}"
    r"|fontsize\{[01](?:\.\d+)?(?:pt)?\}\{[^{}]{0,12}\}\\selectfont)[ ]?\{?([^{}]{1,4000})"
)


def latex(text: str) -> Found | None:
    """Sentences that LaTeX sets without drawing them."""
    runs = [
        Run(m.start(), m.end(), m.group(1), exact(*m.span(1)))
        for m in _HIDDEN.finditer(text)
        if speaks(m.group(1))
    ]
    return Found(name="latex_hidden", made=listed(runs), spans=merged(runs), hidden=True) if runs else None
