"""Undo disguises, layer within layer, within bounds of depth, number and size."""

from collections.abc import Iterator

from msgspec.structs import replace

from assaymark.guard.event import Action, Finding
from assaymark.guard.front.decoded import CUT
from assaymark.guard.front.language import speaks
from assaymark.guard.front.layer import Layer, Revealed
from assaymark.guard.front.mapped import Found, Mapped, Piece
from assaymark.guard.front.purse import LOOK, Purse
from assaymark.guard.front.signs import Signs, signs
from assaymark.guard.front.table import DECODERS, FOLDS, Entry

__all__ = ["MOST_LAYERS", "reveal"]

MOST_LAYERS = 64
"""Layers searched for one text."""
_GROWTH = 4
_SPARE = 4_096
"""All layers of a text together are at most `_GROWTH` times as long as it is, and this much more."""
_WORK, _SPARE_WORK = 40, 12_000_000
"""Looks for each code point of the text, and this many more."""
_MOST_SPANS = 32
"""Findings of one transformation in one layer; the rest is one finding."""


def reveal(text: str, depth: int = 3, work: int | None = None) -> Revealed:
    """What `text` says once up to `depth` disguises inside one another are undone.

    Total: any string whatever has an answer. Folds of characters do not count as depth. `work` bounds the
    looks at one code point, counted and not timed, so that the answer is the same on every machine; None
    takes a bound that grows with the text. A bound that is hit is a finding: `front/depth`,
    `front/layers` or `front/size`.
    """
    if not text:
        return Revealed()
    search = _Search(text, depth, _WORK * len(text) + _SPARE_WORK if work is None else work)
    search.run()
    return Revealed(tuple(search.proposed()), tuple(search.findings))


class _Search:
    """One breadth-first walk; lives for one call."""

    def __init__(self, text: str, depth: int, work: int) -> None:
        self.text = text
        self.purse = Purse(work)
        self.unseen: set[str] = set()
        self.depth = depth
        self.room = _GROWTH * len(text) + _SPARE
        self.seen = {text}
        self.layers: list[Layer] = []
        self.findings: list[Finding] = []
        self.reported: set[int] = set()
        self.found: list[tuple[Layer, Found]] = []
        self.number: dict[int, int] = {}
        self.searched = 0
        self.bounds: set[str] = set()

    def run(self) -> None:
        """Walk."""
        root = Layer(made=Mapped(self.text, (Piece(0, 0, len(self.text), 1),)))
        todo = [(root, 0)]
        for layer, level in todo:
            if self.searched >= MOST_LAYERS:
                self._bound("layers", f"More than {MOST_LAYERS} texts within one another.")
                return
            self.searched += 1
            children, folded = self._children(layer, root)
            for child in children:
                if level >= self.depth:
                    self._bound("depth", f"Text is disguised more than {self.depth} times over.")
                    continue
                if len(child.text) > self.room:
                    self._bound("size", "Undoing the disguises would make too much text.")
                    continue
                self.room -= len(child.text)
                if _says(child.text):
                    self._propose(child)
                todo.append((child, level + 1))
            if folded is not layer:
                self._propose(folded)

    def _children(self, layer: Layer, root: Layer) -> tuple[list[Layer], Layer]:
        look = self._look(layer.text)
        if look is None:
            return [], layer
        found = self._decoded(layer, look, root)
        folded = self._fold(layer, look, root)
        if folded is not layer and (look := self._look(folded.text)) is not None:
            found += self._decoded(folded, look, root)
        return found, folded

    def _decoded(self, layer: Layer, look: Signs, root: Layer) -> list[Layer]:
        made: list[Layer] = []
        for entry in DECODERS:
            for found in self._made(entry, layer.text, look):
                child = self._layer(found, layer, root)
                if child is not None:
                    made.append(child)
        return made

    def _fold(self, layer: Layer, look: Signs, root: Layer) -> Layer:
        for entry in FOLDS if look.bits else ():
            before = layer
            for found in self._made(entry, layer.text, look):
                layer = self._layer(found, layer, root) or layer
            if layer is not before:
                if (again := self._look(layer.text)) is None:
                    return layer
                look = again
        return layer

    def _look(self, text: str) -> Signs | None:
        if self.purse.pay(LOOK * len(text)):
            return signs(text)
        self._spent()
        return None

    def _made(self, entry: Entry, text: str, look: Signs) -> Iterator[Found]:
        if not entry.worth(text, look):
            return
        part = self.purse.affords(entry, text, look)
        if part is None or len(part[0]) < len(text):
            self._spent()
        if part is not None:
            yield from _several(entry.make(*part))

    def _spent(self) -> None:
        self._bound("size", "Undoing the disguises would take too much work; some were left.")

    def _layer(self, found: Found, parent: Layer, root: Layer) -> Layer | None:
        if not found.made.text:
            return None
        known = found.made.text in self.seen
        if known and (found.made.text in self.unseen or not (found.hidden or parent.hidden)):
            return None
        self.seen.add(found.made.text)
        if CUT in found.made.text and CUT not in parent.text:
            self._bound("size", "A packed text would have unpacked to much more and was cut.")
        child = Layer(
            made=found.made,
            chain=(*parent.chain, found.name),
            hidden=found.hidden or parent.hidden,
            parent=None if parent is root else parent,
        )
        # The list keeps the layer alive, so that its id stays its own.
        self.number[id(child)] = len(self.found)
        self.found.append((child, found))
        if child.hidden:
            self.unseen.add(child.text)
        if found.hidden and found.score:
            self._report(child)
        elif known:
            self._report_all(child)
        return None if known else child

    def proposed(self) -> Iterator[Layer]:
        """The layers; one that a hidden way leads to as well is hidden."""
        for layer in self.layers:
            at: Layer | None = layer
            while at is not None and not at.hidden and at.text not in self.unseen:
                at = at.parent
            yield layer if at is None else replace(layer, hidden=True)

    def _propose(self, layer: Layer) -> None:
        self.layers.append(layer)
        self._report_all(layer)

    def _report_all(self, layer: Layer) -> None:
        at: Layer | None = layer
        while at is not None:
            self._report(at)
            at = at.parent

    def _report(self, layer: Layer) -> None:
        if id(layer) in self.reported:
            return
        self.reported.add(id(layer))
        found = self.found[self.number[id(layer)]][1]
        parent = layer.parent
        spans = list(found.spans)
        if len(spans) > _MOST_SPANS:
            rest = spans[_MOST_SPANS - 1 :]
            spans[_MOST_SPANS - 1 :] = [(min(a for a, _ in rest), max(b for _, b in rest))]
        spans = [parent.span(a, b) if parent else (a, b) for a, b in spans]
        self.findings += [_finding(layer, found, a, b) for a, b in spans]

    def _bound(self, name: str, message: str) -> None:
        if name not in self.bounds:
            self.bounds.add(name)
            self.findings.append(Finding(rule=f"front/{name}", message=message, action=Action.ANNOTATE))


def _finding(layer: Layer, found: Found, start: int, end: int) -> Finding:
    what = found.name.replace("_", " ")
    unseen = "Text that people do not see" if found.hidden else "Text in disguise"
    return Finding(
        rule=f"front/{found.name}",
        message=f"{unseen}: {what}.",
        action=Action.ANNOTATE if found.hidden else Action.ALLOW,
        start=start,
        end=end,
        layers=layer.chain,
    )


def _several(found: "Found | Iterator[Found] | None") -> Iterator[Found]:
    if isinstance(found, Found):
        yield found
    elif found is not None:
        yield from found


def _says(text: str) -> bool:
    return speaks(text) or any(speaks(line) for line in text.split("\n", 64)[:64])
