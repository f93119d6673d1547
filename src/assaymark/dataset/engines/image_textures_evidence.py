"""What speaks for a direction of texture being an attack's trace, and what for an honest group of images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_textures_search import Found, standard, unit

__all__ = ["Evidence", "Images", "images", "resemblance", "weigh"]

CUTS = (3.0, 3.5, 4.5, 6.0, 8.0)
"""Strengths from which an image may be taken to bear the texture."""
LOWEST = 2.25
FEWEST = 10
_SPURIOUS = 0.1
"""Most that honest images may be among those that are told, as estimated."""
_SPURIOUS_OF_ALL = 0.0008
"""The same, of all images."""
_REFERENCE = 16_384
"""Images, of all classes, that stand for the other classes."""
_PAIRS = 300
"""Images that are compared pair by pair, at most."""
_ALIKE = 0.5
"""Cosine of contents from which two images show the same thing; more counts no more."""
_RIDGE = 0.02

Vector = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Images:
    """The sample, prepared once for all classes."""

    z: Vector
    """Whitened textures."""
    norm: Vector
    """Root mean square of each image's: 1 for a usual image, more for an odd one."""
    matrix: Vector
    """From textures, less `mean`, to `z`."""
    mean: Vector
    pictures: Vector
    """Whitened small pictures, less the mean of all."""
    label: NDArray[np.int64]
    half: NDArray[np.bool_]
    likeness: Vector
    """images × classes: how much each looks like each class, by its picture and the other half's images."""
    centres: Vector
    """classes × dimensions: mean texture."""
    reference: NDArray[np.int64]

    @property
    def classes(self) -> int:
        """How many there are."""
        return len(self.centres)

    def margin(self, label: int) -> tuple[Vector, NDArray[np.int64]]:
        """By how much each image looks more like `label` than the likeliest other class; which that is."""
        rest = self.likeness.copy()
        rest[:, label] = -np.inf
        likeliest = rest.argmax(axis=1)
        margin: Vector = self.likeness[:, label] - rest[np.arange(len(rest)), likeliest]
        return margin, likeliest


@dataclass(frozen=True, eq=False)
class Evidence:
    """How a direction looks, in numbers."""

    label: int
    found: Found
    members: NDArray[np.int64]
    strength: Vector
    """Of each image of the class."""
    away: Vector
    """Of images of other classes, each measured from the middle of its own."""
    cut: float
    """Strength from which an image is taken to bear the texture."""
    excess: float
    """At the best cut: bearers for each that is as far on the other side, or in other classes (of as many
    images as the class has), or one."""
    agreement: float
    """Cosine between the directions that the two halves proposed."""
    crowding: float
    """How much more alike the bearers' contents are than those of images of all classes; 1 for no more."""
    crowding_in_class: float
    """The same, than those of the class's other images."""
    belonging: float
    """1: the bearers' contents look like the class; 0: like images of any other class."""
    error: float
    """Standard error of `belonging`."""
    separable: float
    """How far contents of the class stand apart from others', in standard deviations."""
    apart: float
    """How much more the other classes that bearers look like differ from what images of others look like than
    a draw of as many would: 0 if not at all, 1 at most."""
    apart_in_class: float
    """The same, from what the class's other images look like."""

    @property
    def bearing(self) -> NDArray[np.bool_]:
        """Which of the members bear the texture."""
        return self.strength > self.cut

    @property
    def bearers(self) -> int:
        """How many."""
        return int(self.bearing.sum())

    @property
    def honest(self) -> float:
        """How many would without an attack, by the other side and by the other classes."""
        beyond = float((self.away > self.cut).sum()) * len(self.members) / max(1, len(self.away))
        return max(float((self.strength < -self.cut).sum()), beyond)


def _centres(values: Vector, label: NDArray[np.int64], classes: int) -> Vector:
    return np.stack([values[label == k].mean(axis=0) for k in range(classes)])


def _whitened(values: Vector, label: NDArray[np.int64], classes: int) -> tuple[Vector, Vector, Vector]:
    """Values with the spread within classes made equal in all directions; the matrix; the mean."""
    mean = values.mean(axis=0)
    scale = np.maximum(values.std(axis=0), 1)
    centred = (values - mean) / scale
    within = centred - _centres(centred, label, classes)[label]
    spread = (within.T @ within / len(within)).astype(np.float64)
    spread += _RIDGE * max(1e-6, float(np.trace(spread)) / len(spread)) * np.eye(len(spread))
    width, axes = np.linalg.eigh(spread)
    matrix = (axes / np.sqrt(np.maximum(width, 1e-9)) / scale[:, None]).astype(np.float32)
    return (values - mean) @ matrix, matrix, mean


def resemblance(
    pictures: NDArray[np.uint8], label: NDArray[np.int64], half: NDArray[np.bool_]
) -> tuple[Vector, Vector]:
    """Whitened small pictures; and how much each looks like each class, by the other half's images."""
    classes = int(label.max()) + 1
    content = _whitened(pictures.astype(np.float32), label, classes)[0]
    likeness = np.empty((len(content), classes), np.float32)
    for members in (~half, half):
        centres = _centres(content[~members], label[~members], classes)
        likeness[members] = content[members] @ centres.T - 0.5 * (centres**2).sum(axis=1)
    return content, likeness


def images(
    textures: NDArray[np.int16],
    pictures: NDArray[np.uint8],
    label: NDArray[np.int64],
    half: NDArray[np.bool_],
) -> Images:
    """Prepare the sample; every class has some images in both halves."""
    classes = int(label.max()) + 1
    z, matrix, mean = _whitened(textures.astype(np.float32), label, classes)
    content, likeness = resemblance(pictures, label, half)
    norm = np.sqrt(np.einsum("ij,ij->i", z, z) / z.shape[1]) + 1e-6
    step = max(1, -(-len(z) // _REFERENCE))
    return Images(
        z, norm, matrix, mean, content, label, half, likeness,
        _centres(z, label, classes), np.arange(0, len(z), step),
    )  # fmt: skip


def _some(at: NDArray[np.int64]) -> NDArray[np.int64]:
    return at[:: max(1, -(-len(at) // _PAIRS))]


def _alike(content: Vector) -> float:
    """Mean squared cosine between contents."""
    one = content / (np.linalg.norm(content, axis=1, keepdims=True) + 1e-9)
    cosine = np.minimum(np.abs(one @ one.T), _ALIKE)
    np.fill_diagonal(cosine, 0)
    return float((cosine**2).sum() / max(1, len(one) * (len(one) - 1))) + 1e-9


def _apart(bearers: NDArray[np.int64], others: NDArray[np.int64], classes: int) -> float:
    """Distance of two distributions over classes, less what chance gives for so few."""
    mine = np.bincount(bearers, minlength=classes) / len(bearers)
    usual = np.bincount(others, minlength=classes) / max(1, len(others))
    chance = float(np.sqrt(usual * (1 - usual) / len(bearers)).sum()) * 0.4
    return max(0.0, float(np.abs(mine - usual).sum()) / 2 - chance)


@dataclass(frozen=True, eq=False)
class _Class:
    """One class of the sample, seen from its content."""

    label: int
    members: NDArray[np.int64]
    others: NDArray[np.int64]
    margin: Vector
    likeliest: NDArray[np.int64]


def _contents(of: Images, one: _Class, bearing: NDArray[np.bool_]) -> dict[str, float]:
    """What the bearers' contents say."""
    bearers, calm = one.members[bearing], one.members[~bearing]
    mine, own, away = one.margin[bearers], one.margin[calm], one.margin[one.others]
    gap = float(own.mean() - away.mean())
    scale = float(np.sqrt((own.var() + away.var()) / 2)) + 1e-9
    safe = max(gap, 1e-6)
    alike = _alike(of.pictures[_some(bearers)])
    return {
        "crowding": alike / _alike(of.pictures[_some(one.others)]),
        "crowding_in_class": alike / _alike(of.pictures[_some(calm)]),
        "belonging": float(mine.mean() - away.mean()) / safe if gap > 0 else 1.0,
        "error": float(mine.std() / np.sqrt(len(mine))) / safe if gap > 0 else np.inf,
        "separable": gap / scale,
        "apart": _apart(one.likeliest[bearers], one.likeliest[one.others], of.classes),
        "apart_in_class": _apart(one.likeliest[bearers], one.likeliest[calm], of.classes),
    }


def _cut(strength: Vector, away: Vector) -> tuple[float, int, int, float] | None:
    """The cut at which bearers are most in excess, with how many they are, mirrored and elsewhere."""
    best = None
    for cut in CUTS:
        bearers, mirrored = int((strength > cut).sum()), int((strength < -cut).sum())
        if bearers < FEWEST or bearers > len(strength) - FEWEST:
            continue
        elsewhere = float((away > cut).sum()) * len(strength) / max(1, len(away))
        excess = bearers / (1 + mirrored + elsewhere)
        if best is None or excess > best[0]:
            best = (excess, (cut, bearers, mirrored, elsewhere))
    return best[1] if best else None


def _lowest(strength: Vector, away: Vector, total: int, highest: float) -> float:
    """The lowest strength beyond which hardly an honest image is, by the other side and the other classes."""
    scale = len(strength) / max(1, len(away))
    for cut in np.arange(LOWEST, highest, 0.25):
        honest = max(float((strength < -cut).sum()), float((away > cut).sum()) * scale)
        bearers = float((strength > cut).sum())
        if honest <= max(1.0, min(_SPURIOUS * bearers, max(_SPURIOUS_OF_ALL * total, 0.03 * bearers))):
            return float(cut)
    return highest


def weigh(
    of: Images, label: int, members: NDArray[np.int64], found: list[Found], least: float
) -> list[Evidence]:
    """Evidence for the directions of one class of which bearers are at least `least` times in excess."""
    others = of.reference[of.label[of.reference] != label]
    if not found or not len(others):
        return []
    margin, likeliest = of.margin(label)
    one = _Class(label, members, others, margin, likeliest)
    axes = np.stack([unit(f.pair[0] + f.pair[1]) for f in found], axis=1)
    along = of.z[others] @ axes - (of.centres @ axes)[of.label[others]]
    weighed = []
    for k, each in enumerate(found):
        centre, width = standard(along[:, k])
        away = (along[:, k] - centre) / width / of.norm[others]
        strength = each.strength / of.norm[members]
        at = _cut(strength, away)
        if at is None or at[1] < least * (1 + at[2] + at[3]):
            continue
        cut = _lowest(strength, away, len(of.z), at[0])
        seen = _contents(of, one, strength > cut)
        agreement = float(each.pair[0] @ each.pair[1])
        excess = at[1] / (1 + at[2] + at[3])
        weighed.append(
            Evidence(label, each, members, strength, away, cut, excess=excess, agreement=agreement, **seen)
        )
    return weighed
