"""One request and its answer as a machine without I/O: events in, commands out.

    RequestReceived ─► Forward | Refuse | AskHuman
    ResponseReceived ─► Forward | Refuse | AskHuman
    TextDelta, TrackEnded ─► Release | Stop | AskHuman      (only when a window is due)
    ToolCallReceived ─► ReleaseCall | Stop | AskHuman
    StreamEnded ─► Release … | Stop | AskHuman
    Answered ─► what was asked about | Refuse | Stop
    DeadlinePassed ─► as `limits.on_deadline` says
    Closed ─► nothing; what was used and not yet counted is counted

Every judgement also gives a `Record`. Judging takes milliseconds: the edge runs `receive` in a thread
when `is_costly` says so. A thread that comes back after `DeadlinePassed` changes nothing any more.
"""

from msgspec.structs import replace

from assaymark.guard.core.case import Case
from assaymark.guard.core.chain import judge
from assaymark.guard.core.edits import canary, canary_edit
from assaymark.guard.core.events import (
    Answered,
    AskHuman,
    Closed,
    Command,
    DeadlinePassed,
    Event,
    Forward,
    Record,
    Refuse,
    Release,
    ReleaseCall,
    RequestReceived,
    ResponseReceived,
    Stop,
    StreamEnded,
    TextDelta,
    ToolCallReceived,
    TrackEnded,
)
from assaymark.guard.core.meter import Meter
from assaymark.guard.core.ports import Context, EgressStream, Parts, Question
from assaymark.guard.core.steps import late
from assaymark.guard.core.taint import Origins, origins
from assaymark.guard.core.window import Track
from assaymark.guard.event import Action, Channel, Decision, Edit, Finding, Phase, Segment, ToolCall
from assaymark.guard.policy.model import Mode
from assaymark.guard.protocol.shape import Message, Usage

__all__ = ["Exchange"]


_PHASES: dict[type, Phase] = {
    RequestReceived: Phase.REQUEST,
    ToolCallReceived: Phase.TOOL_CALL,
}


class Exchange:
    """The state of one exchange. Not for two threads at once."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.context = Context()
        self.canary = ""
        self._offered: frozenset[str] | None = None
        self._tainted: bool | tuple[str, ...] = False
        self._origins = Origins()
        self._system: tuple[str, ...] = ()
        self._tracks: dict[str, Track] = {}
        self._followed: dict[str, EgressStream] = {}
        self._known: set[tuple[str, str, int]] = set()
        self._pending: tuple[Phase, Command] | None = None
        self._asked: tuple[str, int] | None = None
        """Track and end of the text that the pending question is about, if it is about a stream's."""
        self._granted: dict[str, int] = {}
        """Up to where a human let a track pass: later windows do not score that again, nor ask again."""
        self._meter = Meter(parts.book, self.context, Usage())
        self._calls = 0
        self._characters = 0
        self._era = 0
        """Counts deadlines that passed; work begun in an earlier era is void."""

    def is_costly(self, event: Event) -> bool:
        """Whether `receive` would run the chain (so that the edge gives it a thread)."""
        if isinstance(event, TextDelta):
            track = self._track(event.track)
            return track.size + len(event.text) - track.judged >= min(20, track.step)
        return not isinstance(event, Answered | Closed | DeadlinePassed)

    def receive(self, event: Event) -> tuple[Command, ...]:
        """What is to be done about `event`."""
        match event:
            case RequestReceived():
                return self._request(event)
            case ResponseReceived():
                return self._response(event.message)
            case TextDelta():
                track = self._track(event.track)
                track.add(event.text)
                self._characters += len(event.text)
                return self._judge_text(event.track, ended=False) if track.due() else ()
            case TrackEnded():
                return self._judge_text(event.track, ended=True)
            case ToolCallReceived():
                return self._call(event)
            case StreamEnded():
                return self._end(event.usage)
            case Answered():
                return self._answered(event.allowed)
            case Closed():
                return self._closed(event)
            case _:
                return self._deadline(event.event)

    def _request(self, event: RequestReceived) -> tuple[Command, ...]:
        message, parts = event.message, self.parts
        self.context = event.context
        self._meter = Meter(parts.book, event.context, event.estimate)
        self._offered = message.offered
        self._origins = origins(message.segments, parts.policy)
        self._tainted = self._origins.labels or message.remote_history
        self._system = tuple(s.text for s in message.segments if s.channel is Channel.SYSTEM)
        case = self._case(Phase.REQUEST, message.segments, tools=message.tools)
        case = replace(case, meter=self._meter)
        extra = self._canary(message.segments)
        return self._whole(case, extra)

    def _canary(self, segments: tuple[Segment, ...]) -> tuple[Edit, ...]:
        policy = self.parts.policy
        if policy.egress.canary is None or policy.mode is Mode.SHADOW or not self._system:
            return ()
        mark = canary(self._system, self.context.key, self.parts.secret)
        edit = canary_edit(segments, mark)
        if edit is None:
            return ()
        self.canary = mark
        return (edit,)

    def _response(self, message: Message) -> tuple[Command, ...]:
        self._spend(message.usage, len(message.calls), sum(len(s.text) for s in message.segments))
        return self._whole(self._case(Phase.RESPONSE, message.segments, message.calls))

    def _whole(self, case: Case, extra: tuple[Edit, ...] = ()) -> tuple[Command, ...]:
        era = self._era
        decision = judge(case, self.parts)
        if era != self._era:
            return ()
        record = Record(decision, case.segments, self.context)
        if decision.action is Action.BLOCK:
            return (record, Refuse(decision))
        forward = Forward(decision, decision.edits + extra)
        if decision.action is Action.ASK:
            return (record, self._ask(case, decision, forward))
        return (record, forward)

    def _track(self, name: str) -> Track:
        return self._tracks.setdefault(name, Track(self.parts.policy.stream.hold_back_chars))

    def _judge_text(self, name: str, *, ended: bool) -> tuple[Command, ...]:
        track, era = self._track(name), self._era
        text, base, fresh = track.window()
        seen = track.size
        if not text or (ended and track.judged == seen == track.upto):
            return ()
        segments = (Segment(text=text, channel=Channel.OUTPUT, at=name),)
        stream = self._follow(name)
        fresh = max(fresh, self._granted.get(name, 0) - base)
        case = replace(
            self._case(Phase.RESPONSE, segments), fresh=fresh, base=base, stream=stream, news=track.news()
        )
        decision = judge(case, self.parts)
        if era != self._era:
            return ()
        record = self._news(name, base, Record(decision, segments, self.context))
        if decision.action is Action.BLOCK:
            return (*record, Stop(decision))
        before = track.upto, len(track.edits)
        growing = stream.open if stream is not None else None
        track.clear(decision.edits, base, seen, ended=ended, growing=growing)
        release = Release(name, track.upto, track.edits)
        if decision.action is Action.ASK:
            self._asked = name, base + _asked_end(decision, len(text))
            return (*record, self._ask(case, decision, release))
        moved = before != (track.upto, len(track.edits))
        return (*record, release) if moved else record

    def _follow(self, name: str) -> EgressStream | None:
        if self.parts.follow is None:
            return None
        if name not in self._followed:
            self._followed[name] = self.parts.follow(
                system=self._system, canary=self.canary, policy=self.parts.policy
            )
        return self._followed[name]

    def _news(self, name: str, base: int, record: Record) -> tuple[Record, ...]:
        """The record, unless a window before this one told the same."""
        keys = {(name, f.rule, f.start + base if f.end else -1) for f in record.decision.findings}
        if keys <= self._known and (keys or (name, "", 0) in self._known):
            return ()
        self._known |= keys | {(name, "", 0)}
        return (record,)

    def _call(self, event: ToolCallReceived) -> tuple[Command, ...]:
        era, call = self._era, event.call
        self._calls += 1
        self._characters += len(call.arguments)
        segments = (
            Segment(text=call.arguments, channel=Channel.TOOL_ARGUMENTS, at=event.track, tool=call.name),
        )
        case = self._case(Phase.TOOL_CALL, segments, (call,))
        decision = judge(case, self.parts)
        if era != self._era:
            return ()
        record = Record(decision, segments, self.context)
        if decision.action is Action.BLOCK:
            return (record, Stop(decision))
        release = ReleaseCall(event.track, decision.edits)
        if decision.action is Action.ASK:
            return (record, self._ask(case, decision, release))
        return (record, release)

    def _end(self, usage: Usage | None) -> tuple[Command, ...]:
        done: list[Command] = []
        for name in list(self._tracks):
            done += self._judge_text(name, ended=True)
            if any(isinstance(c, Stop | AskHuman) for c in done):
                break
        self._spend(usage, self._calls, self._characters)
        return tuple(done)

    def _case(
        self,
        phase: Phase,
        segments: tuple[Segment, ...],
        calls: tuple[ToolCall, ...] = (),
        *,
        tools: int = 0,
    ) -> Case:
        return Case(
            phase=phase,
            segments=segments,
            calls=calls,
            offered=self._offered,
            tools=tools,
            tainted=self._tainted,
            untrusted=self._origins.untrusted,
            trusted=self._origins.trusted,
            system=self._system,
            canary=self.canary,
            context=self.context,
            deadline=self.parts.now() + self.parts.policy.limits.deadline_ms / 1000,
        )

    def _spend(self, usage: Usage | None, calls: int, characters: int) -> None:
        """Tokens as the upstream counted them; else four characters to a token."""
        spent = usage or Usage(self._meter.estimate.input, characters // 4)
        self._meter.settle(replace(spent, tool_calls=calls))

    def _closed(self, event: Closed) -> tuple[Command, ...]:
        if self._meter.settled:
            return ()
        if not event.sent:
            self._meter.settle(None)
            return ()
        read = event.usage.input if event.usage else self._meter.estimate.input
        wrote = max(event.usage.output if event.usage else 0, self._characters // 4)
        self._meter.settle(Usage(read, wrote, self._calls))
        return ()

    def _ask(self, case: Case, decision: Decision, then: Command) -> AskHuman:
        self._pending = (case.phase, then)
        return AskHuman(Question(decision=decision, calls=case.calls, context=self.context))

    def _answered(self, allowed: bool) -> tuple[Command, ...]:
        if self._pending is None:
            return ()
        phase, then = self._pending
        asked, self._asked = self._asked, None
        self._pending = None
        finding = Finding(
            rule="approval/granted" if allowed else "approval/refused",
            message="A human let it pass." if allowed else "No human let it pass in time.",
            action=Action.ALLOW if allowed else Action.BLOCK,
        )
        decision = self._decision(phase, finding)
        record = Record(decision, (), self.context)
        if allowed:
            self._granted |= dict([asked]) if asked else {}
            return (record, then)
        return (record, Refuse(decision) if isinstance(then, Forward) else Stop(decision))

    def _deadline(self, event: Event) -> tuple[Command, ...]:
        self._era += 1
        whole = isinstance(event, RequestReceived | ResponseReceived)
        decision = self._decision(_PHASES.get(type(event), Phase.RESPONSE), late(self.parts))
        record = Record(decision, (), self.context)
        if decision.action is Action.BLOCK:
            return (record, Refuse(decision) if whole else Stop(decision))
        match event:
            case ToolCallReceived():
                return (record, ReleaseCall(event.track))
            case TextDelta() | TrackEnded():
                return (record, self._unjudged(event.track))
            case StreamEnded():
                return (record, *(self._unjudged(name) for name in self._tracks))
        return (record, Forward(decision))

    def _unjudged(self, name: str) -> Release:
        track = self._track(name)
        track.clear((), 0, track.size, ended=True)
        return Release(name, track.upto, track.edits)

    def _decision(self, phase: Phase, finding: Finding) -> Decision:
        shadow = self.parts.policy.mode is Mode.SHADOW
        return Decision(
            id=self.parts.new_id(),
            phase=phase,
            action=Action.ALLOW if shadow else finding.action,
            wanted=finding.action,
            findings=(finding,),
            policy=self.parts.policy_sha256,
        )


def _asked_end(decision: Decision, size: int) -> int:
    """Where the last thing ends that a window asks a human about."""
    return max(f.end or size for f in decision.findings if f.action is Action.ASK and not f.excepted_by)
