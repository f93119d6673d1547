"""What the machine is told to do → hazards: the three tiers, and what each is reported as.

Known safe with fitting arguments: nothing. Known dangerous, or a safe name turned to other ends: dangerous.
Everything else: unknown, named and explained. Nothing may change what the stream did not create.
"""

from collections.abc import Iterator

from assaymark.inspection import Hazard, Level
from assaymark.scan.pickle.arguments import hostile, instance_class, source_code, source_like
from assaymark.scan.pickle.disassembly import around, escaped, shown
from assaymark.scan.pickle.machine import Machine
from assaymark.scan.pickle.names import Safe, danger_named, safe_named
from assaymark.scan.pickle.values import Box, Computed, Imported, Made, Persistent, Value, kind_of
from assaymark.scan.pickle.walked import walked_danger, walked_name

__all__ = ["Judge"]

ALIKE = 3
"""Hazards of one rule about one name that are kept; of the others only the count."""
NESTED = 2_000
"""Pickles in pickles that are looked into."""
KINDS = 2_000
"""Different hazards that are kept; of the others only how many there were."""
EVIDENCE = 500
"""Imports whose surroundings are kept until it is known whether they are called."""
NAMES = 5_000
"""Different names that are followed."""


class Judge:
    """The observer of one file's machines; gathers hazards in order."""

    def __init__(self, *, torch: bool = False) -> None:
        self.torch = torch
        """Whether persistent ids are PyTorch's storages."""
        self.machine: Machine | None = None
        """The machine that is running: evidence is read from its blob."""
        self.within = ""
        """Where a nested pickle came from, for messages."""
        self.calls = 0
        self.names: dict[str, Imported] = {}
        """Every name that was imported, in order."""
        self.nested: list[tuple[Value, str, int, bool]] = []
        """Arguments that a call would load as a pickle: by which name, where, and if that is all it does."""
        self.persistents = 0
        self._called: set[str] = set()
        self._extensions: dict[int, tuple[str, str]] = {}
        self._hazards: dict[tuple[str, Level, str], list[Hazard]] = {}
        self._counts: dict[tuple[str, Level, str], int] = {}
        self._reported: set[str] = set()
        self._evidence: dict[str, str] = {}
        """What stood around an import that may be reported at the end."""

    def hazards(self) -> Iterator[Hazard]:
        """All that was found, with what was imported and never called."""
        self._imports()
        for key, found in self._hazards.items():
            more = self._counts[key] - len(found)
            yield from found[:-1]
            last = found[-1]
            if more:
                last = Hazard(
                    rule=last.rule, level=last.level, subject=last.subject, offset=last.offset,
                    message=f"{last.message} ({more:,} more like it.)", evidence=last.evidence,
                )  # fmt: skip
            yield last

    def imported(self, found: Imported) -> None:
        """Remember the name; it is judged when called, or at the end."""
        if found.full in self.names:
            return
        if len(self.names) >= NAMES:
            self._import(found)
            return
        self.names[found.full] = found
        if len(self._evidence) < EVIDENCE and safe_named(found.full) is None:
            self._evidence[found.full] = self._around(found.offset)

    def called(self, made: Made) -> Value:
        """Judge one call; gives what stands for its result."""
        self.calls += 1
        function = made.function
        walked = walked_name(made)
        if walked is not None:
            self._called.add(made.function.full)
            self._called.update(part.full for part in made.args.items[2:] if isinstance(part, Imported))
            self.imported(walked)
            return walked
        if isinstance(function, Imported):
            made.standing = self._named(function, made)
        elif isinstance(function, Made):
            made.standing = self._made(function, made)
        else:
            what = (
                "an object that the loading program gives"
                if isinstance(function, Persistent)
                else function.why
            )
            made.standing = self._report(
                "pickle-indirect-call", Level.DANGEROUS, f"<{kind_of(function)}>", made.offset,
                f"Loading calls {what}: which function runs cannot be told without running it.",
            )  # fmt: skip
        return made

    def _named(self, function: Imported, made: Made) -> str:
        self._called.add(function.full)
        self._extension_added(function, made)
        safe = safe_named(function.full)
        call = f"{shown(function)}{_arguments(made)}"
        if safe is not None:
            return self._safely(function, safe, made, call)
        danger = danger_named(function.module, function.name)
        if danger is not None and danger.called and made.how.startswith("NEWOBJ"):
            danger = None
        danger = danger or walked_danger(function)
        if danger is not None:
            if danger.loads:
                self._nest(made, function.full, known=False)
            return self._report(
                "pickle-dangerous-call", Level.DANGEROUS, function.full, made.offset,
                f"Loading calls {call}, which {danger.does}.",
            )  # fmt: skip
        return self._unknown(function, made, call)

    def _unknown(self, function: Imported, made: Made, call: str) -> str:
        verb = "makes an instance of" if made.how in ("NEWOBJ", "NEWOBJ_EX") else "calls"
        what = shown(function) if made.how.startswith("NEWOBJ") else call
        return self._report(
            "pickle-unknown-call", Level.UNKNOWN, function.full, made.offset,
            f"Loading imports {escaped(function.module, 80)} and {verb} {what}, which is on no list: "
            "it may be harmless, and it runs that module's code.",
        )  # fmt: skip

    def _safely(self, function: Imported, safe: Safe, made: Made, call: str) -> str:
        shape = safe.new if made.how in ("NEWOBJ", "NEWOBJ_EX") else safe.call
        fits = shape is not None and shape(made.args) and _keywords_fit(made)
        if fits and not safe.free and source_code(function.full, made):
            return self._report(
                "pickle-arguments", Level.DANGEROUS, function.full, made.offset,
                f"Loading calls {call}: a known name that is handed source code.",
            )  # fmt: skip
        if fits or (safe.kind == "class" and made.how in ("OBJ", "INST") and not made.args.count):
            return self._fitting(function, safe, made, call)
        known = self._instance(made) if safe.instance else ""
        if known:
            return known
        known_use = safe.mild or safe.instance or made.how.startswith("NEWOBJ")
        danger = None if known_use else danger_named(function.module, function.name)
        level = Level.DANGEROUS if danger is not None or hostile(made) else Level.UNKNOWN
        return self._report(
            "pickle-arguments", level, function.full, made.offset,
            f"Loading calls {call}: the name is known, and no real library gives it such arguments.",
        )  # fmt: skip

    def _fitting(self, function: Imported, safe: Safe, made: Made, call: str) -> str:
        """A known name with arguments as real libraries give them."""
        if safe.loads:
            self._nest(made, function.full, known=True)
        if safe.code:
            self._report(
                "pickle-code-object", Level.UNKNOWN, "code in the file", made.offset,
                f"Loading calls {call}: its code is in the file, and runs when what is loaded is used.",
            )  # fmt: skip
            return "code"
        return "foreign" if safe.foreign else "safe"

    def _instance(self, made: Made) -> str:
        """`_reconstructor(cls, …)` and its like: what counts is the class."""
        found = instance_class(made)
        if found is None or safe_named(found.full) is not None:
            return ""
        self._called.add(found.full)
        danger = danger_named(found.module, found.name)
        if danger is not None:
            return self._report(
                "pickle-dangerous-call", Level.DANGEROUS, found.full, made.offset,
                f"Loading makes an instance of {shown(found)}, which {danger.does}.",
            )  # fmt: skip
        return self._unknown(found, Made(found, made.args, None, "NEWOBJ", made.offset), "")

    def _made(self, function: Made, made: Made) -> str:
        """A call of what another call returned."""
        from assaymark.scan.pickle.code import code_call

        told = code_call(function, made)
        if told is not None:
            level, message = told
            standing = self._report("pickle-code-object", level, "code in the file", made.offset, message)
            return "code" if level is Level.UNKNOWN else standing
        return self._report(
            "pickle-indirect-call", Level.DANGEROUS, shown(function), made.offset,
            f"Loading calls what {shown(function)} returned, with {shown(made.args)}: which function runs "
            "cannot be told from its name.",
        )  # fmt: skip

    def built(self, target: Value, state: Value, offset: int) -> None:
        """BUILD sets attributes, or calls `__setstate__`."""
        if isinstance(target, Imported):
            self._foreign("BUILD", shown(target), shown(state), offset)
        elif isinstance(target, Made):
            self._state(target, state, offset)
        elif isinstance(target, Persistent | Computed):
            self._foreign("BUILD", shown(target), shown(state), offset)

    def _state(self, target: Made, state: Value, offset: int) -> None:
        if target.standing == "foreign":
            self._foreign("BUILD", shown(target), shown(state), offset)
            return
        if _rebinds_class(state):
            self._report(
                "pickle-rebinding", Level.DANGEROUS, shown(target), offset,
                f"Loading replaces the class of {shown(target)} by setting its __class__.",
            )  # fmt: skip
        function = target.function
        if target.standing != "safe" or not isinstance(function, Imported):
            return
        safe = safe_named(function.full)
        if safe is not None and safe.instance:
            found = instance_class(target)
            own = safe_named(found.full) if found is not None else None
            safe = own if own is not None and safe.state is not None else safe
        if safe is None:
            return
        if safe.state is None or not safe.state(state):
            level = Level.DANGEROUS if source_like(state) or isinstance(state, Imported) else Level.UNKNOWN
            self._report(
                "pickle-state", level, function.full, offset,
                f"Loading gives {shown(target)} the state {shown(state)}, which no library writes for it.",
            )  # fmt: skip

    def mutated(self, target: Value, items: list[Value], how: str, offset: int) -> None:
        """Items are put into something that is no container of the stream."""
        if isinstance(target, Made) and target.standing != "foreign":
            if target.standing == "safe" and not self._fills(target):
                self._report(
                    "pickle-state", Level.UNKNOWN, shown(target), offset,
                    f"Loading puts {shown(Box('list', items[:6]))} into {shown(target)}, no container.",
                )  # fmt: skip
            return
        self._foreign(how, shown(target), shown(Box("list", items[:6], len(items))), offset)

    @staticmethod
    def _fills(target: Made) -> bool:
        safe = safe_named(target.function.full) if isinstance(target.function, Imported) else None
        return safe is None or safe.items

    def _foreign(self, how: str, target: str, what: str, offset: int) -> None:
        self._report(
            "pickle-foreign-mutation", Level.DANGEROUS, target, offset,
            f"Loading changes {target}, which the file did not create: {how} puts {what} into it.",
        )  # fmt: skip

    def persistent(self, found: Persistent) -> None:
        """A storage for PyTorch; for any other loader, whatever it makes of the id."""
        from assaymark.scan.pickle.storages import is_storage

        self.persistents += 1
        if is_storage(found.id):
            return
        if self.torch:
            self._report(
                "pickle-persistent-id", Level.UNKNOWN, "persistent_load", found.offset,
                f"Loading asks for {shown(found.id)}, which is not how PyTorch names a storage.",
            )  # fmt: skip
            return
        self._report(
            "pickle-persistent-id", Level.UNKNOWN, "persistent_load", found.offset,
            f"Loading asks the loading program for the object {shown(found.id)}; a plain unpickler refuses.",
        )  # fmt: skip

    def extension(self, code: int, offset: int) -> Value:
        """The name that the stream itself registered for `code`, if it did."""
        known = self._extensions.get(code)
        if known is not None:
            found = Imported(*known, offset)
            self.imported(found)
            return found
        self._report(
            "pickle-extension-code", Level.UNKNOWN, f"extension {code}", offset,
            f"Loading uses extension code {code}, whose meaning is registered elsewhere.",
        )  # fmt: skip
        return Computed(f"what extension code {code} stands for", offset)

    def _extension_added(self, function: Imported, made: Made) -> None:
        if function.full == "copyreg.add_extension" and isinstance(made.args, Box):
            match made.args.items:
                case [str() as module, str() as name, int() as code] if len(self._extensions) < NAMES:
                    self._extensions[code] = (module, name)

    def _nest(self, made: Made, name: str, *, known: bool) -> None:
        if isinstance(made.args, Box) and len(self.nested) < NESTED:
            self.nested.extend((item, name, made.offset, known) for item in made.args.items[:4])

    def _imports(self) -> None:
        """Names that were imported and not called: importing runs the module, and the object is at hand."""
        for full, found in self.names.items():
            if full not in self._called and full not in self._reported:
                self._reported.add(full)
                self._import(found)

    def _import(self, found: Imported) -> None:
        full = escaped(found.full)
        if safe_named(found.full) is not None:
            return
        danger = danger_named(found.module, found.name)
        if "<" in full:
            self._report(
                "pickle-computed-name", Level.DANGEROUS, full, found.offset,
                f"Loading imports a name that is computed while loading: {full}.",
            )  # fmt: skip
        elif danger is not None and not danger.called:
            self._report(
                "pickle-dangerous-import", Level.DANGEROUS, full, found.offset,
                f"Loading imports {full}, which {danger.does}; it is not called in this file.",
            )  # fmt: skip
        else:
            self._report(
                "pickle-unknown-import", Level.UNKNOWN, full, found.offset,
                f"Loading imports {full}, which is on no list; importing runs its module.",
            )  # fmt: skip

    def _report(self, rule: str, level: Level, subject: str, offset: int, message: str) -> str:
        """Keep a hazard, unless there are enough like it; gives the standing of what it is about."""
        key = (rule, level, subject)
        if key not in self._hazards and len(self._hazards) >= KINDS:
            key = (rule, level, "")
        self._counts[key] = self._counts.get(key, 0) + 1
        kept = self._hazards.setdefault(key, [])
        if len(kept) < ALIKE:
            evidence = self._evidence.get(subject, "") if rule.endswith("-import") else ""
            kept.append(
                Hazard(
                    rule=rule,
                    level=level,
                    subject=escaped(subject),
                    offset=offset,
                    message=self.within + message,
                    evidence=evidence or self._around(offset),
                )
            )
        return str(level.value)

    def _around(self, offset: int) -> str:
        machine = self.machine
        return "" if machine is None else around(machine.stream.blob, list(machine.recent), offset)


def _arguments(made: Made) -> str:
    if isinstance(made.args, Box):
        text = shown(made.args)
        return f"{text[:-2]})" if text.endswith(",)") else text  # a call, not a tuple of one
    return f"(*{shown(made.args)})"


def _keywords_fit(made: Made) -> bool:
    return made.keywords is None or (isinstance(made.keywords, Box) and not made.keywords.count)


def _rebinds_class(state: Value) -> bool:
    """Whether the slots' part of a state names `__class__`, which is set as an attribute."""
    if not isinstance(state, Box) or state.kind != "tuple" or len(state.items) != 2:
        return False
    slots = state.items[1]
    return isinstance(slots, Box) and slots.kind == "dict" and "__class__" in [
        key for key in slots.items[::2] if isinstance(key, str)
    ]  # fmt: skip
