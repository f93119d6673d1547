"""Which tags keep their text from a reader: inline styles and attributes."""

import re

__all__ = ["hides"]

_ATTRIBUTE = re.compile(
    r"(?<![^\s\"'/])hidden(?=[\s/>=]|\Z)(?!\s*=\s*[\"']?(?:false|until-found))", re.IGNORECASE
)
_STYLE = re.compile(r"style\s{0,8}=\s{0,8}(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]++))", re.IGNORECASE)
_VALUE = re.compile(r"=\s*+(?:\"[^\"]*+\"|'[^']*+')")
_HIDING = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|font-size:(?:0?\.\d+|[01](?:\.\d+)?)(?:px|pt|em|rem|%|;|$)"
    r"|(?<![a-z-])opacity:(?:0%|0?\.0\d*|0)(?![.\d])|(?:left|top|right|bottom|text-indent|margin-left|margin-top):-\d{3,}"
    r"|clip:rect\([01](?:px)?[, ][01]|clip-path:inset\((?:50|100)%|transform:scale\(0\)|mso-hide:all"
    r"|color:transparent|color:rgba\([^)]*,0(?:\.0+)?\)"
)
_EMPTY = re.compile(r"(?<![a-z-])(?:max-)?(?:height|width):[01](?:px)?(?:;|$|!)")
_COLOUR = re.compile(r"(?:^|;)color:([^;!]+)")
_GROUND = re.compile(r"background(?:-color)?:([^;!]+)")
_FONT = re.compile(r"<font[^>]*?color\s*=\s*[\"']?\s*(white|#fff(?:fff)?)\b", re.IGNORECASE)
_WHITE = {"#fff", "#ffffff", "white", "rgb(255,255,255)", "#fefefe", "#fffffe", "snow"}


def hides(tag: str) -> bool:
    """Whether this start tag makes its text unreadable for people: not drawn, tiny, off-screen, or in the
    colour of its ground (white, if it sets none).
    """
    if "hidden" in tag.lower() and _ATTRIBUTE.search(_VALUE.sub("", tag)):
        return True
    if tag[:5].lower() == "<font" and _FONT.match(tag):
        return True
    button = tag[:2].lower() == "<a" or tag[:7].lower() == "<button"
    return any(_style_hides(next(filter(None, m.groups()), ""), button) for m in _STYLE.finditer(tag))


def _style_hides(style: str, button: bool) -> bool:
    flat = re.sub(r"\s+", "", style.lower())
    if _HIDING.search(flat) or ("overflow:hidden" in flat and _EMPTY.search(flat)):
        return True
    colour, ground = _COLOUR.search(flat), _GROUND.search(flat)
    if not colour:
        return False
    own = _named(colour.group(1))
    return own == _named(ground.group(1)) if ground else own == "white" and not button


def _named(colour: str) -> str:
    return "white" if colour in _WHITE else colour
