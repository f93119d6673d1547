"""Write the generated pages of ``docs/``; with ``--check``, say which are out of date and exit 1."""

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from assaymark._cli import cli
from assaymark.checks import all_checks
from assaymark.checks._check import Check
from assaymark.checks._coverage import Coverage, Grade, coverage
from assaymark.standard.catalogue import catalogue
from assaymark.standard.provision import Phase, Provision
from assaymark.system.conditions import IN_WORDS
from assaymark.system.manifest import manifest_schema

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOTE = "<!-- Written by `make docs`; edit its source instead. -->\n"


def pages() -> dict[str, str]:
    """Every generated page: path below ``docs/`` → text."""
    provisions, checks = catalogue().provisions, all_checks()
    made = {
        "cli.md": _cli_page(),
        "coverage.md": _coverage_page(coverage(provisions, checks)),
        "formats/manifest.md": _manifest_page(),
    }
    for subject, group in groupby(checks, key=_subject):
        made[f"checks/{subject}.md"] = _checks_page(subject, list(group))
    for phase in Phase:
        chosen = [p for p in provisions if p.phase is phase]
        made[f"standard/{phase.value.replace(' ', '-')}.md"] = _phase_page(phase, chosen, checks)
    return made


def _subject(check: Check) -> str:
    return check.run.__module__.split(".")[-2]


def _cli_page() -> str:
    parts = [NOTE, "# Command line\n", "Data goes to standard output, messages to standard error.\n"]
    parts += [f"## `{c.command_path}`\n\n```text\n{c.get_help()}\n```\n" for c in _contexts()]
    return "\n".join(parts)


def _contexts() -> Iterator[click.Context]:
    root = click.Context(cli, info_name="assaymark", terminal_width=80, max_content_width=80)
    yield root
    for name in cli.list_commands(root):
        command = cli.get_command(root, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=root)
        yield context
        if isinstance(command, click.Group):
            for sub in command.list_commands(context):
                child = command.get_command(context, sub)
                assert child is not None
                yield click.Context(child, info_name=sub, parent=context)


def _coverage_page(rows: tuple[Coverage, ...]) -> str:
    counts = {grade: sum(r.grade is grade for r in rows) for grade in Grade}
    lines = [
        NOTE,
        "# What the checks cover\n",
        "From what lies in a repository; a running system, a person or another tool's report can show more.",
        "“Covered” means that for each obligation some check can show by itself that it is met, not that",
        "nothing can escape it: each check's page names its blind spots.\n",
        ", ".join(f"{n} {grade.value}" for grade, n in counts.items()) + f" (of {len(rows)}).\n",
        "| Provision | Force | Tool could show | Grade | Decide | Contribute | Left to people or a running system |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        p = row.provision
        left = ", ".join(o.partition("#")[2] for o in row.open)
        lines.append(
            f"| [{p.id}]({_phase_file(p)}#{_anchor(p.id)}) | {p.force} | {p.observable} | {row.grade.value} "
            f"| {_names(row.decisive)} | {_names(row.supporting)} | {(left and f'obligation {left}') or '–'} |"
        )
    return "\n".join(lines) + "\n"


def _manifest_page() -> str:
    schema = manifest_schema()
    parts = [
        NOTE,
        "# Manifest: `assaymark.yaml`\n",
        "What a system's owner says of it; `assaymark init` writes one. Looked for at `assaymark.yaml` and",
        "`assurance/assaymark.yaml`. The JSON Schema is `src/assaymark/system/manifest.schema.json`; every",
        "violation is reported with its line. What is not stated stays in scope and unknown stays unknown.\n",
        "```yaml",
        (DOCS.parent / "examples/chatbot/assaymark.yaml").read_text(encoding="utf-8").rstrip(),
        "```\n",
        *_keys("Top level", schema),
    ]
    for name in ("statement", "asset", "accepted_risk", "waiver", "signatory"):
        parts += _keys(f"`{name}`", schema["$defs"][name])
    parts += _keys("`sign_off`", schema["properties"]["sign_off"])
    parts.append("## `conditions`\n\n| Id | Holds when |\n|---|---|")
    parts += [f"| {condition.value} | {words} |" for condition, words in IN_WORDS.items()]
    return "\n".join(parts) + "\n"


def _keys(title: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"## {title}\n"
    if "description" in schema:
        yield f"{schema['description']}\n"
    yield "| Key | Needed | Meaning |\n|---|---|---|"
    for key, value in schema["properties"].items():
        needed = "yes" if key in schema.get("required", ()) else ""
        yield f"| `{key}` | {needed} | {_meaning(value)} |"
    yield ""


def _meaning(value: dict[str, Any]) -> str:
    if "$ref" in value and "description" not in value:
        value = manifest_schema()["$defs"][value["$ref"].rpartition("/")[2]]
    allowed = value.get("enum") or value.get("items", {}).get("enum", ())
    choices = f" One of: {', '.join(map(str, allowed))}." if allowed else ""
    return (value.get("description", "") + choices).strip()


def _names(ids: tuple[str, ...]) -> str:
    subjects = {c.info.id: _subject(c) for c in all_checks()}
    return ", ".join(f"[{i}](checks/{subjects[i]}.md#{i})" for i in ids) or "–"


def _phase_file(provision: Provision) -> str:
    return f"standard/{provision.phase.value.replace(' ', '-')}.md"


def _anchor(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum() or c in "-_")


def _checks_page(subject: str, checks: list[Check]) -> str:
    parts = [NOTE, f"# Checks: {subject}\n"]
    for check in checks:
        info = check.info
        parts += [
            f"## {info.id}\n",
            f"{info.title}\n",
            f"*Decides:* {', '.join(check.decisive) or '–'}  ",
            f"*Contributes to:* {', '.join(check.supporting) or '–'}  ",
            f"*Version:* {info.version}\n",
            f"**Why.** {info.why}\n",
            f"**Fix.** {info.fix}\n",
            f"**Blind spots.** {info.blind_spots}\n",
        ]
    return "\n".join(parts)


def _phase_page(phase: Phase, provisions: list[Provision], checks: tuple[Check, ...]) -> str:
    title = phase.value[0].upper() + phase.value[1:]
    parts = [
        NOTE,
        f"# {title}\n",
        "Own words throughout; the standard itself is ETSI's and is to be had from ETSI.\n",
    ]
    for principle, group in groupby(provisions, key=lambda p: (p.principle, p.principle_title)):
        parts.append(f"## Principle {principle[0]}: {principle[1]}\n")
        for provision in group:
            parts += _provision(provision, checks)
    return "\n".join(parts)


def _provision(provision: Provision, checks: tuple[Check, ...]) -> Iterator[str]:
    yield f"### {provision.id}\n"
    yield f"{provision.summary}\n"
    yield (
        f"Code of Practice {provision.cop_id} · {provision.force} · {', '.join(provision.actors)} · "
        f"applies when: {provision.applies_when}\n"
    )
    yield "| Obligation | Force | Who | What |\n|---|---|---|---|"
    for o in provision.obligations:
        yield f"| {o.id} | {o.force.value} | {', '.join(o.actors)} | {o.text} |"
    yield "\n**Evidence an assessor accepts**\n"
    yield from (f"- {item}" for item in provision.evidence)
    yield f"\nA person's statement counts for {provision.validity_days} days (ours).\n"
    yield "**For each profile** (agent and buyer are ours)\n"
    yield from (f"- *{profile}*: {text}" for profile, text in provision.guidance.items())
    spoken = [
        c for c in checks if any(i.startswith(f"{provision.id}#") for i in (*c.decisive, *c.supporting))
    ]
    yield "\n**Checks:** " + (
        ", ".join(f"[{c.info.id}](../checks/{_subject(c)}.md#{c.info.id})" for c in spoken) or "–"
    )
    yield "\n**Pointers elsewhere**\n"
    for mapping in provision.mappings:
        yield f"- {mapping.document} ({mapping.basis}): {', '.join(mapping.references)}"
    yield ""


def main() -> int:
    """Write the pages, or compare them."""
    checking = "--check" in sys.argv[1:]
    stale = []
    for name, text in pages().items():
        path = DOCS / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not checking:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if checking and stale:
        print(f"Out of date: {', '.join(stale)}. Run `make docs`.", file=sys.stderr)
    return 1 if checking and stale else 0


if __name__ == "__main__":
    sys.exit(main())
