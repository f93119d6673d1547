"""The council's own pages, from a local index."""

import json
from pathlib import Path

PAGES = json.loads((Path(__file__).parent / "pages.json").read_text(encoding="utf-8"))


def council_pages(question: str, limit: int = 3) -> str:
    """The pages that share most words with the question."""
    words = set(question.lower().split())
    ranked = sorted(PAGES, key=lambda p: -len(words & set(p["text"].lower().split())))
    return "\n\n".join(f"[{p['title']}]\n{p['text']}" for p in ranked[:limit])
