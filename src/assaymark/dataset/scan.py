"""Paths → all that the engines say of the data set: the one door to the data scanner."""

import functools
import importlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from msgspec import Struct, structs
from numpy.typing import NDArray

from assaymark.dataset.dealing import flagged_by_chance
from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.executing.executor import workers_of
from assaymark.dataset.executing.passes import Outcome, Plan, Progress, run
from assaymark.dataset.executing.past import Past
from assaymark.dataset.executing.work import Stopped, attempt
from assaymark.dataset.finding import Finding, Level, Result
from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.open import DataSet, open_data, read_shard
from assaymark.dataset.record import Hole, Kind, Layout, Place, Roles
from assaymark.errors import UsageError

__all__ = ["MODULES", "DataScan", "Looked", "Options", "Suspect", "all_engines", "scan_data", "scan_opened"]

MODULES = (
    "image",
    "text",
    "styles",
    "encoder",
    "table",
    "chat",
    "preference",
    "rag",
    "corpus",
    "labels",
    "duplicates",
    "outliers",
    "invisible",
    "secrets",
)
"""Modules of `assaymark.dataset.engines`, in the order of the report; each has `ENGINES`."""


_SMALL = 4 << 20
"""Bytes of data below which one process is quicker than several."""


class Options(Struct, frozen=True, kw_only=True):
    """How to scan. What is not said is found out."""

    roles: Roles | None = None
    """Columns that the user named."""
    kind: Kind | None = None
    limits: Limits = Limits()
    engines: tuple[str, ...] = ()
    """Ids of the engines to run; all if empty."""
    without: tuple[str, ...] = ()
    """Ids of engines to leave out."""
    encoder: str = ""
    """What embeds records for the second stage: `guard` for texts, the path of an ONNX file for images."""
    executor: str = "local"
    """`local` or `ray`."""
    workers: int | None = None
    """Processes, or cores of a Ray cluster on this machine; one a core if None and there is much to do."""
    address: str = ""
    """Of a running Ray cluster."""
    state: str = ""
    """File with the state of earlier scans, to which this one's is added; made if it is not there."""
    most_suspects: int = 1_000
    """How many records the ranking names; the arrays of `Looked.result` hold all."""


_FOUND_OUT = Options()


class Suspect(Struct, frozen=True, kw_only=True):
    """A record under at least one finding of level `suspect`."""

    row: int
    place: Place
    flagged_by: tuple[str, ...]
    """Ids of the engines that flagged it."""
    scores: dict[str, float]
    """Its score by each engine that gave one above 0; comparable within one engine only."""


@dataclass(frozen=True, eq=False)
class Looked:
    """What became of one engine."""

    info: EngineInfo
    result: Result | None = None
    """None where it stayed out or stopped."""
    reason: str = ""
    """Why there is no result; empty where there is one."""
    stopped: bool = False
    """It began and failed: a defect, or an input nobody thought of. Its kind of poison was not looked for."""
    seconds: float = 0.0
    """CPU seconds, over all workers."""


@dataclass(frozen=True, eq=False)
class DataScan:
    """All that one scan says of a data set."""

    layout: Layout
    total: int
    """Records, those that could not be read included."""
    rows: NDArray[np.int64]
    """Numbers of the records that were read, ascending."""
    holes: tuple[Hole, ...]
    looked: tuple[Looked, ...]
    """Every engine that was asked for, in the registry's order."""
    flagged: NDArray[np.bool_]
    """Records that any engine flagged."""
    suspects: tuple[Suspect, ...]
    """The first of them: those that most engines flag, then those that stand highest with one of them."""
    notes: tuple[str, ...] = ()
    """What was not looked at, and why; how the data were read."""
    reading_seconds: float = 0.0
    """CPU seconds of reading and decoding, over all workers and all readings."""
    earlier: int = 0
    """How many of `total` earlier scans saw: they are numbered first, and were not read again."""
    data: DataSet | None = field(default=None, repr=False)
    """The opened data set, to show records."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all engines, in the registry's order."""
        return tuple(f for e in self.looked if e.result for f in e.result.findings)


def all_engines() -> tuple[tuple[Engine, ...], tuple[str, ...]]:
    """Every engine that can be loaded, and a note for each module that needs an extra which is not there."""
    engines: list[Engine] = []
    notes: list[str] = []
    for name in MODULES:
        try:
            module = importlib.import_module(f"assaymark.dataset.engines.{name}")
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("assaymark"):
                raise
            notes.append(f"Engines of {name} stay out without {error.name}: pip install 'assaymark[data]'.")
        else:
            engines.extend(module.ENGINES)
    return tuple(engines), tuple(notes)


def scan_data(
    paths: Sequence[str],
    *,
    options: Options = _FOUND_OUT,
    progress: Callable[[Progress], None] | None = None,
) -> DataScan:
    """Open the data set that `paths` name and let the engines look at it.

    Raises:
        UsageError: an option names what is not there.
        NothingToAssess: there is nothing that can be read as a data set.
        AssaymarkError: an extra is missing, or the workers cannot be started.
    """
    engines, missing = all_engines()
    chosen = _equipped(_chosen(engines, options), options.encoder)
    data = open_data(paths, roles=options.roles, kind=options.kind, limits=options.limits)
    return scan_opened(data, chosen, options=options, progress=progress, notes=missing)


def scan_opened(
    data: DataSet,
    engines: Sequence[Engine],
    *,
    options: Options = _FOUND_OUT,
    progress: Callable[[Progress], None] | None = None,
    notes: tuple[str, ...] = (),
) -> DataScan:
    """Let `engines` look at a data set that is open."""
    reasons = [engine.applies(data.layout) for engine in engines]
    running = tuple(e for e, reason in zip(engines, reasons, strict=True) if not reason)
    past = Past.of(options.state, data, running)
    plan = Plan(
        engines=running,
        layout=data.layout,
        shards=data.shards(),
        read=functools.partial(read_shard, layout=data.layout, limits=options.limits),
        total=past.records + data.total,
        offset=past.records,
        earlier=past.states,
        keep=bool(options.state),
        report=progress or _silent,
    )
    with workers_of(options.executor, _workers(options, data), options.address) as workers:
        outcome = run(plan, workers)
    kept = past.keep(options.state, data, running, outcome)
    looked = tuple(_calibrated(e, plan) for e in _looked(engines, reasons, outcome))
    flagged, ranking = _ranked(looked, outcome.total, options.most_suspects)
    return DataScan(
        layout=data.layout,
        total=outcome.total,
        earlier=past.records,
        rows=outcome.rows,
        holes=tuple(dict.fromkeys((*data.holes, *outcome.holes))),
        looked=looked,
        flagged=flagged,
        suspects=tuple(_suspect(row, past.place(row, data), looked) for row in ranking),
        notes=(*data.notes, *notes, *past.notes, *kept, *(n for e in looked for n in _notes(e))),
        reading_seconds=outcome.seconds[0] if outcome.seconds else 0.0,
        data=data,
    )


def _workers(options: Options, data: DataSet) -> int | None:
    """How many: as the user said; a single one for data that are read before processes have started."""
    small = options.executor == "local" and sum(f.bytes for f in data.files) < _SMALL
    return 1 if options.workers is None and small else options.workers


def _silent(progress: Progress) -> None:
    """Tell nobody."""


def _chosen(engines: Sequence[Engine], options: Options) -> tuple[Engine, ...]:
    known = {e.info.id for e in engines}
    for name in (*options.engines, *options.without):
        if name not in known:
            raise UsageError(f"There is no engine {name!r}.", f"There are: {', '.join(sorted(known))}.")
    wanted = (known if not options.engines else set(options.engines)) - set(options.without)
    return tuple(e for e in engines if e.info.id in wanted)


def _equipped(engines: tuple[Engine, ...], encoder: str) -> tuple[Engine, ...]:
    """The engines, with the encoder that the user named."""
    if not encoder:
        return engines
    from assaymark.dataset.engines.encoder import EmbeddedGroups

    return tuple(e.using(encoder) if isinstance(e, EmbeddedGroups) else e for e in engines)


def _looked(engines: Sequence[Engine], reasons: Sequence[str], outcome: Outcome) -> tuple[Looked, ...]:
    results = iter(zip(outcome.results, outcome.seconds[1:], strict=True))
    looked = []
    for engine, reason in zip(engines, reasons, strict=True):
        if reason:
            looked.append(Looked(engine.info, reason=reason))
            continue
        result, seconds = next(results)
        if isinstance(result, Stopped):
            looked.append(Looked(engine.info, reason=result.reason, stopped=True, seconds=seconds))
        else:
            looked.append(Looked(engine.info, result, seconds=seconds))
    return tuple(looked)


def _calibrated(looked: Looked, plan: Plan) -> Looked:
    """With how often the engine flags records by chance, where it found suspects and did not say so."""
    result = looked.result
    if result is None or all(
        f.level is not Level.SUSPECT or f.false_alarms is not None for f in result.findings
    ):
        return looked
    engine = next(e for e in plan.engines if e.info.id == looked.info.id)
    began = time.process_time()
    but = result.flagged[plan.offset :]
    dealt = attempt(flagged_by_chance, engine, plan.layout, plan.shards, plan.read, but)
    seconds = looked.seconds + time.process_time() - began
    if dealt is None:
        return replace(looked, seconds=seconds)
    if isinstance(dealt, Stopped):
        note = f"how often it flags clean records could not be measured: {dealt.reason}"
        return replace(looked, result=replace(result, notes=(*result.notes, note)), seconds=seconds)
    findings = tuple(
        structs.replace(f, false_alarms=dealt.rate)
        if f.level is Level.SUSPECT and f.false_alarms is None
        else f
        for f in result.findings
    )
    return replace(looked, result=replace(result, findings=findings), seconds=seconds)


def _notes(engine: Looked) -> tuple[str, ...]:
    name = engine.info.id
    if engine.stopped:
        return (f"{name} stopped and found nothing out: {engine.reason}",)
    if engine.result is None:
        return (f"{name} stayed out: {engine.reason}",)
    return tuple(f"{name}: {note}" for note in engine.result.notes)


def _ranked(looked: Sequence[Looked], total: int, most: int) -> tuple[NDArray[np.bool_], list[int]]:
    """Which records are flagged, and the first of them: by how many engines, then by their best rank."""
    votes = np.zeros(total, np.uint8)
    for engine in looked:
        if engine.result:
            votes += engine.result.flagged
    flagged = votes > 0
    rows = np.flatnonzero(flagged)
    best = np.full(len(rows), len(rows), np.int64)
    for engine in looked:
        if engine.result:
            mine = np.flatnonzero(engine.result.flagged[rows])
            order = mine[np.lexsort((mine, -engine.result.scores[rows[mine]]))]
            best[order] = np.minimum(best[order], np.arange(len(order)))
    order = np.lexsort((rows, best, -votes[rows].astype(np.int64)))[:most]
    return flagged, [int(row) for row in rows[order]]


def _suspect(row: int, place: Place, looked: Sequence[Looked]) -> Suspect:
    results = [e.result for e in looked if e.result]
    return Suspect(
        row=row,
        place=place,
        flagged_by=tuple(r.engine for r in results if r.flagged[row]),
        scores={r.engine: float(r.scores[row]) for r in results if r.scores[row] > 0},
    )
