"""A sample of records → what kind of data set it is and which columns play which role. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from assaymark.dataset.reading.columns import Look
from assaymark.dataset.record import Kind, Roles
from assaymark.errors import UsageError

__all__ = ["columns_of", "merged", "recognise"]

_LABELS = (
    "label", "labels", "class", "target", "y", "category", "sentiment", "label_text", "label_name",
    "fine_label", "coarse_label", "classification", "intent", "topic", "income", "outcome", "toxic",
    "is_spam", "spam", "emotion", "stars", "rating", "polarity", "cls", "class_label", "target_label",
    "gold_label", "is_fraud", "fraud", "default", "survived", "diagnosis", "species", "response_label",
    "output_label", "answer_label", "quality", "verdict", "tag",
)  # fmt: skip
_TEXTS = (
    "text", "sentence", "content", "review", "document", "body", "message", "comment", "tweet", "post",
    "article", "description", "abstract", "headline", "title", "input", "question", "query", "utterance",
    "sms",
)  # fmt: skip
_CONVERSATIONS = (
    "messages", "conversations", "conversation", "dialog", "dialogue", "turns", "chat",
)  # fmt: skip
_PROMPTS = (
    "instruction", "prompt", "question", "query", "input", "inputs", "user", "problem", "context", "src",
)  # fmt: skip
_RESPONSES = (
    "output", "response", "completion", "answer", "assistant", "target", "targets", "reply", "solution",
    "generation",
)  # fmt: skip
_DOCUMENTS = (
    "document", "documents", "page_content", "contents", "passage", "chunk", "text", "content", "body",
    "payload.document", "payload.text", "payload.page_content", "payload.content", "metadata.text",
    "payload.chunk", "chunk_text", "passage_text",
)  # fmt: skip
_IDS = (
    "_id", "id", "ids", "doc_id", "docid", "document_id", "uuid", "passage_id", "pid", "chunk_id", "key",
)  # fmt: skip
_IMAGES = (
    "image", "img", "picture", "photo", "bytes", "image_bytes", "png", "jpg", "jpeg", "webp", "file_name",
)  # fmt: skip
_SPLITS = (
    "split", "partition", "subset", "fold",
)  # fmt: skip
_MANY_CLASSES = 1000


def recognise(looks: Mapping[str, Look], n: int) -> tuple[Kind, Roles]:
    """The kind and the roles that names and content suggest.

    Args:
        looks: what each column looks like.
        n: records looked at.
    """
    names = tuple(looks)
    by_name: dict[str, str] = {}
    for name in names:
        by_name.setdefault(name.strip().lower(), name)
    split = _first(_SPLITS, by_name, looks, lambda k: k.distinct <= 12)
    identity = _first(_IDS, by_name, looks, lambda k: k.distinct == k.filled)
    for found in (_images, _preference, _conversation, _pairs, _documents, _texts):
        answer = found(by_name, looks, n)
        if answer is not None:
            kind, roles = answer
            return kind, msgspec.structs.replace(roles, split=split, id=identity)
    return Kind.TABLE, Roles(label=_label(by_name, looks, n), split=split, id=identity)


def _first(wanted: Sequence[str], by_name: Mapping[str, str], looks: Mapping[str, Look], fits: Any) -> str:
    return next((by_name[w] for w in wanted if w in by_name and fits(looks[by_name[w]])), "")


def _textual(look: Look) -> bool:
    return look.type in ("text", "category") and look.characters > 0


def _images(by_name: Mapping[str, str], looks: Mapping[str, Look], n: int) -> tuple[Kind, Roles] | None:
    image = _first(_IMAGES, by_name, looks, lambda k: k.type == "image")
    image = image or next((name for name, k in looks.items() if k.type == "image"), "")
    return (Kind.IMAGES, Roles(image=image, label=_label(by_name, looks, n))) if image else None


def _preference(by_name: Mapping[str, str], looks: Mapping[str, Look], n: int) -> tuple[Kind, Roles] | None:
    pair = next(
        (
            (name, other)
            for name in by_name
            if "chosen" in name
            and (other := name.replace("chosen", "rejected")) in by_name
            and looks[by_name[name]].type in ("text", "category", "conversation")
        ),
        None,
    )
    if pair is None:
        return None
    prompt = _first(_PROMPTS, by_name, looks, lambda k: k.type in ("text", "category", "conversation"))
    return Kind.PREFERENCE, Roles(prompt=prompt, chosen=by_name[pair[0]], rejected=by_name[pair[1]])


def _conversation(by_name: Mapping[str, str], looks: Mapping[str, Look], n: int) -> tuple[Kind, Roles] | None:
    name = _first(_CONVERSATIONS, by_name, looks, lambda k: k.type == "conversation")
    name = name or next((name for name, k in looks.items() if k.type == "conversation"), "")
    name = name or next((n for n, k in looks.items() if k.type == "text" and k.transcripts > 0.9), "")
    if not name:
        return None
    response = _first(_RESPONSES, by_name, looks, lambda k: k.type in ("text", "conversation"))
    if response and response != name:
        return Kind.CHAT, Roles(prompt=name, response=response)
    system = [by_name[s] for s in ("system", "system_prompt") if s in by_name and _textual(looks[by_name[s]])]
    return Kind.CHAT, Roles(prompt=" + ".join([*system, name]), response=name)


def _pairs(by_name: Mapping[str, str], looks: Mapping[str, Look], n: int) -> tuple[Kind, Roles] | None:
    """A prompt and its response side by side."""
    response = _first(_RESPONSES, by_name, looks, _textual)
    prompts = [by_name[p] for p in _PROMPTS if p in by_name and _textual(looks[by_name[p]])]
    prompts = [p for p in prompts if p != response]
    if not response or not prompts:
        return None
    answer = looks[response]
    if answer.distinct <= max(1, min(_MANY_CLASSES, answer.filled // 10)) and answer.filled > 30:
        return None  # few answers again and again: classes, unless an instruction says otherwise
    plain = any(p in by_name for p in ("instruction", "prompt")) and response.lower() in _RESPONSES[:3]
    if not plain and answer.type != "text" and not any(looks[p].type == "text" for p in prompts):
        return None
    named = [
        by_name[p]
        for p in ("instruction", "context", "input", "inputs")
        if p in by_name and (_textual(looks[by_name[p]]) or not looks[by_name[p]].filled)
    ]
    chosen = named if "instruction" in by_name and named else prompts[:1]
    if chosen[0].lower() == "question" and "context" in by_name and by_name["context"] != chosen[0]:
        chosen = [by_name["context"], chosen[0]]
    system = [by_name[s] for s in ("system", "system_prompt") if s in by_name and _textual(looks[by_name[s]])]
    return Kind.CHAT, Roles(prompt=" + ".join([*system, *chosen]), response=response)


def _documents(by_name: Mapping[str, str], looks: Mapping[str, Look], n: int) -> tuple[Kind, Roles] | None:
    document = _first(
        _DOCUMENTS, by_name, looks, lambda k: k.type == "text" or (k.type == "category" and k.wordy > 0.5)
    )
    if not document:
        return None
    vectors = any(k.type == "vector" for k in looks.values())
    telling = document.lower() in (
        "page_content",
        "passage",
        "contents",
        "chunk",
        "chunk_text",
        "passage_text",
    )
    telling = telling or document.startswith("payload.") or document.lower() == "documents"
    label = _label(by_name, looks, n)
    plain_id = _first(_IDS, by_name, looks, lambda k: k.distinct == k.filled)
    about = any(w in by_name for w in ("title", "url", "source", "metadata", "embedding", "uri"))
    if not (
        vectors
        or telling
        or (not label and plain_id and (about or plain_id.lower() == "_id" or len(looks) == 2))
    ):
        return None
    title = _first(("title",), by_name, looks, _textual)
    return Kind.RAG, Roles(document=f"{title} + {document}" if title and title != document else document)


def _texts(by_name: Mapping[str, str], looks: Mapping[str, Look], n: int) -> tuple[Kind, Roles] | None:
    """Texts with or without a label: most of what the columns hold is running text."""
    texts = {name: k for name, k in looks.items() if k.type == "text"}
    if not texts:
        one = [k for k in looks.values() if k.type == "category" and k.words > 0.5 and k.distinct > 0.5 * n]
        texts = {k.name: k for k in one if len(looks) <= 3}
    label = _label(by_name, looks, n)
    texts.pop(label, None)
    weight = sum(k.characters * k.filled for k in texts.values())
    rest = sum(
        max(k.characters, 6.0) * k.filled for name, k in looks.items() if name not in texts and name != label
    )
    named = any(t in by_name and by_name[t] in texts for t in _TEXTS)
    if not texts or weight < (rest if named else 2 * rest):
        return None
    chosen = [name for name in looks if name in texts]
    return Kind.TEXT, Roles(text=" + ".join(chosen[:4]), label=label)


def _label(by_name: Mapping[str, str], looks: Mapping[str, Look], n: int) -> str:
    """The column of classes: by its name, or the last, or the first, with few values."""

    def classes(look: Look, most: int) -> bool:
        few = look.distinct <= max(2, min(most, n // 2 if n > 20 else n))
        return look.type in ("category", "integer", "boolean", "number") and few and look.filled > 0

    named = _first(_LABELS, by_name, looks, lambda k: classes(k, _MANY_CLASSES))
    if named:
        return named
    ends = [name for name in by_name if name.endswith(("_label", "_class", "_target", ".label"))]
    for name in ends:
        if classes(looks[by_name[name]], _MANY_CLASSES):
            return by_name[name]
    order = [*looks]
    for name in (order[-1:] + order[:1]) if len(order) > 1 else []:
        look = looks[name]
        plain = look.type in ("category", "boolean") or look.distinct <= 12
        if plain and name.lower() not in (*_IDS, *_SPLITS) and classes(look, max(3, min(30, n // 10))):
            return name
    return ""


def columns_of(roles: Roles) -> tuple[str, ...]:
    """The columns that roles name; several joined by ` + ` count each."""
    named = (
        roles.label, roles.text, roles.prompt, roles.response, roles.chosen, roles.rejected, roles.image,
        roles.document, roles.split, roles.id,
    )  # fmt: skip
    return tuple(dict.fromkeys(part for name in named if name for part in name.split(" + ")))


def merged(
    found: tuple[Kind, Roles], roles: Roles | None, kind: Kind | None, names: Sequence[str]
) -> tuple[Kind, Roles]:
    """What was found, with what the user named in its place.

    Raises:
        UsageError: a name is no column, or the kind lacks a role.
    """
    named = (
        {}
        if roles is None
        else {f: v for f, v in msgspec.structs.asdict(roles).items() if v and f != "found"}
    )
    known = {*names, "folder", "file name"}
    for role, value in named.items():
        for part in [value] if value in known else value.split(" + "):
            if part not in known:
                shown = ", ".join(sorted(n for n in known if n)[:40])
                raise UsageError(f"There is no column `{part}` for the {role}.", f"Columns: {shown}.")
    if roles is None and kind is None:
        return found
    answer = kind or _implied(named) or found[0]
    base = msgspec.structs.asdict(found[1] if answer == found[0] else _turned(found[1], answer))
    complete = Roles(**{**base, **named, "found": not named})
    missing = [role for role in _NEEDED.get(answer, ()) if not getattr(complete, role)]
    if missing:
        shown = ", ".join(sorted(names)[:40])
        raise UsageError(
            f"Which column is the {' and which the '.join(missing)} cannot be told.",
            f"Name it, such as --{missing[0]} COLUMN. Columns: {shown}.",
        )
    return answer, complete


_NEEDED: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: ("text",),
    Kind.RAG: ("document",),
    Kind.CHAT: ("prompt", "response"),
    Kind.PREFERENCE: ("chosen", "rejected"),
    Kind.IMAGES: ("image",),
}


def _turned(roles: Roles, kind: Kind) -> Roles:
    """The roles found, as another kind would call them."""
    text = roles.text or roles.document
    return Roles(
        label=roles.label,
        split=roles.split,
        id=roles.id,
        text=text if kind in (Kind.TEXT, Kind.IMAGES) else "",
        document=text if kind is Kind.RAG else "",
        prompt=roles.prompt if kind in (Kind.CHAT, Kind.PREFERENCE) else "",
        response=roles.response or roles.chosen if kind is Kind.CHAT else "",
    )


def _implied(named: Mapping[str, str]) -> Kind | None:
    for role, kind in (
        ("image", Kind.IMAGES), ("rejected", Kind.PREFERENCE), ("response", Kind.CHAT),
        ("document", Kind.RAG), ("text", Kind.TEXT),
    ):  # fmt: skip
        if role in named:
            return kind
    return None
