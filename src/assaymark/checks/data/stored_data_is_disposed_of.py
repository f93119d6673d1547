"""What the disposal register says was erased is no longer in the tree."""

from collections.abc import Iterator

from assaymark.asset import Tree
from assaymark.checks._check import Finding, at, check, met, not_met, not_observable
from assaymark.checks._findings import capped, counted
from assaymark.scan.facts import Register


@check(supports=("5.5.1-2#2",))
def stored_data_is_disposed_of(registers: tuple[Register, ...], tree: Tree) -> Iterator[Finding]:
    """What the disposal register says was erased is no longer in the tree.

    Why: A model or data set that is believed erased and is still here can be used, leaked or attacked,
    and nobody watches over it any more.

    Fix: Erase the named files here, in the history and in every copy, then sign the erasure in the
    disposal register; or correct the register.

    Blind spots: Only files of this tree are compared, by path or file name. Copies in storage, backups,
    registries and at providers are not seen, and neither is the history.
    """
    kept = [r for r in registers if r.kind == "disposal"]
    own = {r.at.path for r in kept}
    paths = {f.path for f in tree.files} - own
    names = {p.rpartition("/")[2]: p for p in sorted(paths)}
    erased = [(r, cell.strip("` ").removeprefix("./")) for r in kept for row in r.rows for cell in row]
    still = [(r, c) for r, c in erased if c in paths]
    alike = [(r, names[n]) for r, c in erased if "." in (n := c.rpartition("/")[2]) and n in names]
    if not kept:
        yield not_observable("There is no disposal register to compare with.")
    elif still or alike:
        details = [at(f"{path} is recorded as disposed of, and is here.", r) for r, path in still]
        details += [
            at(f"{path} has the name of something disposed of.", r)
            for r, path in alike
            if (r, path) not in still
        ]
        summary = f"{counted(len(details), 'file')} recorded as disposed of: still in the tree."
        yield not_met(summary, *capped(details), tentative=not still)
    else:
        rows = sum(len(r.rows) for r in kept)
        yield met(f"None of {counted(rows, 'recorded disposal')} is still in the tree.")
