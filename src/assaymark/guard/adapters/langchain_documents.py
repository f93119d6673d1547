"""What a retriever brings, judged before it becomes part of a prompt."""

from collections.abc import Sequence
from typing import Any

from langchain_core.documents import Document
from langchain_core.runnables import Runnable, RunnableLambda

from assaymark.guard.event import Channel, Phase, Segment
from assaymark.guard.library.guard import Guard
from assaymark.guard.library.rewrite import new_texts, put
from assaymark.guard.library.session import Session
from assaymark.guard.library.verdict import Verdict
from assaymark.guard.protocol.shape import Collector

__all__ = ["document_filter"]


def document_filter(
    guard: Guard, session: Session | None = None
) -> Runnable[Sequence[Document], list[Document]]:
    """Documents in, those that may be read out: marked or cut as the policy says, the blocked ones left out.

    Put it behind a retriever: `retriever | document_filter(guard)`. Metadata is judged too.

    Args:
        guard: whose policy counts.
        session: the conversation that then counts as having read them.
    """

    def judged(documents: Sequence[Document]) -> list[Document]:
        mine = session or guard.session()
        kept = [_kept(d, mine.judge(Phase.TOOL_RESULT, _segments(d))) for d in documents]
        return [document for document in kept if document is not None]

    async def ajudged(documents: Sequence[Document]) -> list[Document]:
        mine = session or guard.session()
        kept = [_kept(d, await mine.ajudge(Phase.TOOL_RESULT, _segments(d))) for d in documents]
        return [document for document in kept if document is not None]

    return RunnableLambda(judged, ajudged, name="guard_documents")


def _segments(document: Document) -> list[Segment]:
    out = Collector()
    source = str(document.metadata.get("source") or document.id or "")
    out.add(document.page_content, Channel.DOCUMENT, "/page_content", source=source)
    out.walk(document.metadata, Channel.DOCUMENT, "/metadata", source=source)
    return out.segments


def _kept(document: Document, verdict: Verdict) -> Document | None:
    if not verdict.allowed:
        return None
    texts = new_texts(verdict.segments, verdict.decision.edits)
    if not texts:
        return document
    root: dict[str, Any] = {"page_content": document.page_content, "metadata": document.metadata}
    return document.model_copy(update=put(root, texts))
