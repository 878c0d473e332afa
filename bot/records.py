"""Answers and passages under the names that other people's scripts rest on."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retrieval import Answer, Passage, Status

_PASSAGE = ("source", "title", "text", "start", "end", "score")
_FOUND = ("source", "title", "site", "date", "link", "text", "start", "end", "score")
_CITATION = ("number", "source", "title", "date", "quote", "start", "end")


def answer_record(answer: "Answer") -> dict[str, Any]:
    """What `ask --json` prints and, with an id, each line of `eval --out`."""
    return {
        "question": answer.question,
        "standalone": answer.standalone,
        "carried": list(answer.carried),
        "passages": [_chosen(passage, _PASSAGE) for passage in answer.passages],
        "answer": answer.text,
        "sentences": [
            {"text": sentence.text, "citations": list(sentence.citations), "supported": sentence.supported}
            for sentence in answer.sentences
        ],
        "citations": [_chosen(citation, _CITATION) for citation in answer.citations],
        "abstained": answer.abstained,
        "confidence": answer.confidence,
        "seconds": answer.seconds,
        "model": answer.model,
        "written": answer.written,
        "refused": answer.refused,
        "shortfall": answer.shortfall,
        "usage": None if answer.usage is None else _chosen(answer.usage, ("input_tokens", "output_tokens")),
        "dropped": [_chosen(dropped, ("text", "reason")) for dropped in answer.dropped],
    }


def passage_record(passage: "Passage") -> dict[str, Any]:
    """One passage of `search --json`."""
    return _chosen(passage, _FOUND)


def status_record(status: "Status") -> dict[str, Any]:
    """What `status --json` prints; sizes in bytes."""
    model = status.model
    return {
        "data": str(status.folder),
        **_chosen(status, ("articles", "chunks", "vectors", "keywords", "agree", "languages")),
        "model": None if model is None else _chosen(model, ("name", "dimension", "fingerprint")),
        "bytes": {"catalogue": status.catalogue_bytes, "vectors": status.vectors_bytes, "keywords": status.keywords_bytes},
    }


def _chosen(value: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}
