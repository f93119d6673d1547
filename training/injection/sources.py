"""The published sets in a data folder (`train/*.jsonl.gz`) → rows for the heads that they can teach.

A set's own labels answer its authors' question, not ours, so some rows are left out: role prompts that
were called attacks, passages that still hold the task they were cut from.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from pydoc_data.topics import topics

from training.injection.rows import Row

__all__ = ["SETS", "borrowed_tasks", "manuals", "passages", "published", "read"]

SETS = {
    "awesome_prompts_benign": "user",
    "bipia_train": "document",
    "deepset_train": "user",
    "fastchat_benign": "user",
    "garak_jailbreaks": "user",
    "gpteacher_benign": "user",
    "gptfuzz_templates": "user",
    "prompts_zh_benign": "user",
    "pyrit_jailbreaks": "user",
    "selfinstruct_benign": "user",
    "t0_benign_docs": "user",
    "tasktracker_train": "document",
}
"""Set → head."""

_LIFTS_RULES = re.compile(
    r"ignor|disregard|forget (?:all|every|your|the)|bypass|overrid|unfilter|uncensor|no (?:moral|ethic|rule|limit"
    r"|restrict|filter|law|warning|disclaimer)|without (?:any )?(?:restrict|moral|ethic|limit|filter|question"
    r"|censor|warning)|never (?:refus|say no|declin)|(?:not|n't|nor) (?:refus|declin|restrict|bound|care)"
    r"|jailb?r|\bDAN\b|do anything|anything now|amoral|unethical|illegal|immoral|content polic|openai"
    r"|system prompt|initial prompt|instructions above|policies|guidelines|safety|censorship|break free|freed from"
    r"|evil|developer mode|out of character|unrestricted|any (?:question|request)|harmful",
    re.IGNORECASE,
)
_ROLE = re.compile(r"^\W*(?:i want you to act as|ich möchte, dass sie|act as an? )", re.IGNORECASE)
_TASK_LEFT = re.compile(
    r"answer (?:this|the|:)|combine facts|choose|which of|question|given the|based on|options|passage|paragraph",
    re.IGNORECASE,
)


def read(path: Path) -> Iterator[dict[str, object]]:
    """The objects of one `.jsonl.gz` file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _group(name: str, text: str) -> str:
    return f"{name}/{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _keep(name: str, row: dict[str, object]) -> bool:
    text = str(row["text"])
    if name in ("garak_jailbreaks", "pyrit_jailbreaks") and row["kind"] == "jailbreak":
        return bool(_LIFTS_RULES.search(text))
    if name == "deepset_train" and row["label"] == 1:
        return not _ROLE.search(text) or bool(_LIFTS_RULES.search(text))
    if row.get("sub") == "clean-passage":
        return not _TASK_LEFT.search(text)
    return True


def published(data: Path) -> Iterator[Row]:
    """Every usable row of the sets in `data`/train."""
    for name, head in SETS.items():
        for raw in read(data / "train" / f"{name}.jsonl.gz"):
            if not _keep(name, raw):
                continue
            text, attack = str(raw["text"]), str(raw.get("attack") or "")
            at = text.find(attack) if attack else -1
            yield Row(
                text=text,
                label=int(str(raw["label"])),
                head="user" if raw["kind"] == "jailbreak" else head,
                family=f"{name}/{raw.get('sub') or raw['kind']}",
                group=_group(name, attack or text),
                language="zh" if name == "prompts_zh_benign" else "en",
                spans=((at, at + len(attack)),) if at >= 0 else (),
            )


def borrowed_tasks(data: Path) -> Iterator[tuple[str, str]]:
    """Short honest requests (text, group): between the lines of a document they are foreign instructions."""
    for name in ("selfinstruct_benign", "gpteacher_benign", "fastchat_benign", "prompts_zh_benign"):
        for raw in read(data / "train" / f"{name}.jsonl.gz"):
            text = str(raw["text"])
            if (
                raw.get("sub") != "Toolformer"
                and len(text) < 280
                and (text.count(" ") >= 3 or name[:10] == "prompts_zh")
            ):
                yield text, _group(name, text)


_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def passages(data: Path) -> Iterator[Row]:
    """The texts that the T0 tasks are about, without the tasks: what people really publish."""
    for raw in read(data / "train" / "t0_benign_docs.jsonl.gz"):
        pieces = [p.strip() for p in _SENTENCE.split(str(raw["text"]))][1:-1]
        kept = [p for p in pieces if len(p) > 15 and not _TASK_LEFT.search(p) and "?" not in p[-2:]]
        text = " ".join(kept)
        if len(text) > 250:
            yield Row(
                text=text[:4000],
                label=0,
                head="document",
                family="t0/passage",
                group=_group("t0_benign_docs", str(raw["text"])),
            )


def manuals() -> Iterator[Row]:
    """Pages of the Python manual, cut in pieces of some 200 words: instructions for people who program."""
    for name, text in sorted(topics.items()):
        paragraphs = [p for p in text.split("\n\n") if p.strip()]
        for n in range(0, len(paragraphs), 4):
            piece = "\n\n".join(paragraphs[n : n + 4])
            if len(piece) > 200:
                yield Row(
                    text=piece[:3000],
                    label=0,
                    head="document",
                    family="manual/python",
                    group=f"manual/{name}",
                )
