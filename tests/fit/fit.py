"""Fits the weights of ranking, choosing sentences and abstaining on development sets, and writes retrieval/weights.json.

    python tests/fit/fit.py SETS WORK [--questions 900]

SETS holds squad2, chroma_chunking, clapnq, xquad and mtrag, each with articles/ and questions.jsonl (question, history, answers,
answerable, and spans: the gold sentences as [file, start, end]). WORK is where libraries are built; those there are used.
Every kind of library counts alike: large ones, single articles, other languages; and every kind of unanswerable question.
"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from ingest.fetch import Fetcher
from ingest.sync import sync_sources
from retrieval import ArticleRetriever, Encoder, Library, Turn
from retrieval import weights as weight_file
from retrieval.answer.confidence import CONFIDENCE_FEATURES, confidence_features
from retrieval.answer.extractive import SENTENCE_FEATURES, quotables
from retrieval.search.features import CHUNK_FEATURES
from retrieval.search.retriever import Found, rank

Matrix = npt.NDArray[np.float64]
OVER_REFUSAL = 0.07  # share of answerable questions that may be refused; the threshold follows from it
L2 = 1e-3


@dataclass(frozen=True, slots=True)
class Asked:
    """One development question with what was found for it, and where the gold is: source to spans."""

    group: str
    found: Found
    gold: dict[str, list[tuple[int, int]]]
    answerable: bool


def main() -> None:
    """Collect, fit the three steps one after the other, write, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--questions", type=int, default=900, help="of each set, at most")
    arguments = parser.parse_args()
    asked = list(collect(arguments.sets.resolve(), arguments.work, arguments.questions))
    fitted = {name: dict(step) for name, step in weight_file.load_weights().items()}
    for name, fit in (("rank", fit_rank), ("sentence", fit_sentence), ("confidence", fit_confidence)):
        fitted[name] = fit(asked)
        (Path(weight_file.__file__).parent / "weights.json").write_text(dump(fitted), encoding="utf-8")
        weight_file.load_weights.cache_clear()


def collect(sets: Path, work: Path, limit: int) -> Iterator[Asked]:
    """Ask the questions of each set of its own library, of single articles, and of a library that knows nothing of them."""
    encoder = Encoder()
    squad, chroma, clapnq = (rows(sets / name, limit) for name in ("squad2", "chroma_chunking", "clapnq"))
    yield from ask("squad2", squad, build(work / "squad2", [sets / "squad2/articles"], encoder), sets / "squad2/articles")
    yield from ask(
        "chroma_chunking",
        chroma,
        build(work / "chroma", [sets / "chroma_chunking/articles"], encoder),
        sets / "chroma_chunking/articles",
    )
    large = build(work / "clapnq", [sets / "clapnq/articles", sets / "mtrag/articles/clapnq"], encoder)
    yield from ask("clapnq", clapnq, large, sets / "clapnq/articles")
    turns = [{**row, "spans": row["passage_spans"]} for row in rows(sets / "mtrag", 10**6) if row["history"]]
    yield from ask("mtrag", [row for row in turns if row["domain"] == "clapnq"], large, sets / "mtrag/articles")
    yield from ask("foreign turn", [replace_gold(row) for row in turns if row["domain"] != "clapnq"][: limit // 4], large, sets)
    strangers = [replace_gold(row) for row in squad if row["answerable"]]
    yield from ask(
        "foreign to chroma", strangers[:200], build(work / "chroma", [sets / "chroma_chunking/articles"], encoder), sets
    )
    yield from ask(
        "foreign to squad2",
        [replace_gold(row) for row in clapnq + chroma],
        build(work / "squad2", [sets / "squad2/articles"], encoder),
        sets,
    )
    everything = rows(sets / "squad2", 10**6)
    for article in sorted((sets / "squad2/articles").glob("*.md")):
        alone = build(work / "alone" / article.stem, [article], encoder)
        own = [row for row in everything if row["article"] == [article.name]]
        others = [replace_gold(row) for row in everything if row["article"] != [article.name] and row["answerable"]]
        yield from ask("alone", random.Random(1).sample(own, limit // 12), alone, article.parent)
        yield from ask("foreign to one", random.Random(2).sample(others, limit // 24), alone, article.parent)
    for language in ("de", "es", "ru"):
        yield from collect_language(sets / "xquad", language, work, encoder, limit // 4)


def collect_language(folder: Path, language: str, work: Path, encoder: Encoder, limit: int) -> Iterator[Asked]:
    """Ask about every other article of a language, and about those in between, which its library does not have."""
    root = folder / "articles"
    half = sorted((root / language).glob("*.md"))[::2]
    names = {f"{language}/{article.name}" for article in half}
    questions = [row for row in rows(folder, 10**6) if row["lang"] == language]
    library = build(work / f"half-{language}", half, encoder)
    yield from ask("xquad", [row for row in questions if set(row["article"]) <= names][:limit], library, root)
    others = [replace_gold(row) for row in questions if not set(row["article"]) & names]
    yield from ask("foreign xquad", others[:limit], library, root)


def rows(folder: Path, limit: int) -> list[dict[str, Any]]:
    """A random but repeatable choice of a set's questions."""
    found = [json.loads(line) for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    return random.Random(11).sample(found, min(limit, len(found)))


def replace_gold(row: dict[str, Any]) -> dict[str, Any]:
    """The same question, asked where nothing answers it."""
    return {**row, "answerable": False, "spans": []}


def build(folder: Path, sources: Sequence[Path], encoder: Encoder) -> Library:
    """A library of these sources; what is there already is not embedded again."""
    library = Library(folder, encoder)
    with Fetcher() as fetcher:
        sync_sources(
            [str(source) for source in sources], library=library, fetcher=fetcher, notify=lambda _: None, stopped=lambda: False
        )
    return library


def ask(group: str, questions: Sequence[dict[str, Any]], library: Library, root: Path) -> Iterator[Asked]:
    """Ask, and keep what was measured."""
    retriever = ArticleRetriever(library=library)
    for row in questions:
        history = [Turn(turn["question"], turn["answer"]) for turn in row["history"]]
        found = retriever.find(row["question"], history)
        gold: dict[str, list[tuple[int, int]]] = {}
        for name, start, end in row["spans"]:
            gold.setdefault(str(root / name), []).append((start, end))
        yield Asked(group, found, gold, row["answerable"])
    print(f"{group}: {len(questions)} questions", flush=True)


def covers(gold: dict[str, list[tuple[int, int]]], source: str, start: int, end: int) -> bool:
    """Whether a span and a gold span share at least half of the shorter one."""
    return any(min(end, b) - max(start, a) >= 0.5 * min(b - a, end - start) for a, b in gold.get(source, []))


def fit_choice(asked: Sequence[tuple[str, Matrix, npt.NDArray[np.bool_]]], names: Sequence[str]) -> dict[str, float]:
    """Conditional logit: the weights that make the right alternatives most probable, each group of questions counting alike."""
    sizes = {group: sum(1 for one, _, _ in asked if one == group) for group, _, _ in asked}

    def loss(w: Matrix) -> tuple[float, Matrix]:
        value, slope = L2 * float(w @ w), 2 * L2 * w
        for group, features, right in asked:
            scores = features @ w
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            inside = shares * right / max(1e-12, float(shares[right].sum()))
            value -= np.log(max(1e-12, float(shares[right].sum()))) / sizes[group] / len(sizes)
            slope = slope + (shares - inside) @ features / sizes[group] / len(sizes)
        return value, slope

    result = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B")
    hits: dict[str, list[bool]] = {}
    for group, features, right in asked:
        hits.setdefault(group, []).append(bool(right[int(np.argmax(features @ result.x))]))
    print({group: round(float(np.mean(found)), 3) for group, found in hits.items()}, flush=True)
    return dict(zip(names, map(float, result.x), strict=True))


def fit_rank(asked: Sequence[Asked]) -> dict[str, float]:
    """Weights of the candidates; the bias puts the typical best score at zero, for people who read scores."""
    data = []
    for one in asked:
        features = np.array([item.measured.features for item in one.found.ranked])
        chunks = [item.measured.chunk for item in one.found.ranked]
        right = np.array([covers(one.gold, chunk.source, chunk.start, chunk.end) for chunk in chunks], dtype=bool)
        if right.any():
            data.append((one.group, features, right))
    weights = fit_choice(data, CHUNK_FEATURES)
    best = [max(features @ np.array(list(weights.values()))) for _, features, _ in data]
    return weights | {"bias": -float(np.median(best))}


def fit_sentence(asked: Sequence[Asked]) -> dict[str, float]:
    """Weights of the sentences, after ranking with the fitted weights."""
    data = []
    for one in asked:
        candidates = quotables(ranked(one).found)
        right = np.array(
            [covers(one.gold, item.measured.chunk.source, item.span.start, item.span.end) for item in candidates], dtype=bool
        )
        if right.any():
            data.append((one.group, np.array([item.features for item in candidates]), right))
    return fit_choice(data, SENTENCE_FEATURES)


def fit_confidence(asked: Sequence[Asked]) -> dict[str, float]:
    """Logistic regression on answerable or not; answerable and not count alike, and so do the groups within each."""
    data = [(one, confidence_features(found)) for one in asked if (found := ranked(one).found).ranked]
    features, labels = np.array([row for _, row in data]), np.array([one.answerable for one, _ in data])
    keys = [(one.group, one.answerable) for one, _ in data]
    groups = {answerable: len({key for key in keys if key[1] == answerable}) for answerable in (True, False)}
    shares = np.array([1 / keys.count(key) / groups[key[1]] for key in keys])
    model = LogisticRegression(C=1.0, max_iter=5000).fit(features, labels, sample_weight=shares * len(keys) / 2)
    sure = model.predict_proba(features)[:, 1]
    order = np.argsort(sure[labels])
    refused = np.cumsum(shares[labels][order]) / shares[labels].sum()
    threshold = float(sure[labels][order][int(np.searchsorted(refused, OVER_REFUSAL))])
    report_confidence([one for one, _ in data], sure, threshold)
    return dict(zip(CONFIDENCE_FEATURES, map(float, model.coef_[0]), strict=True)) | {
        "bias": float(model.intercept_[0]),
        "threshold": threshold,
    }


def report_confidence(asked: Sequence[Asked], sure: Matrix, threshold: float) -> None:
    """Print for each group how many are answered, and how well its unanswerable ones are told from all answerable ones."""
    yes = [value for one, value in zip(asked, sure, strict=True) if one.answerable]
    for group, answerable in dict.fromkeys((one.group, one.answerable) for one in asked):
        values = [value for one, value in zip(asked, sure, strict=True) if (one.group, one.answerable) == (group, answerable)]
        area = "" if answerable else f"AUROC {roc_auc_score([1] * len(yes) + [0] * len(values), yes + values):.3f}"
        print(f"{group:20} answerable: {answerable}  answered: {np.mean(np.array(values) >= threshold):.3f}  {area}")


def ranked(one: Asked) -> Asked:
    """The same question with its candidates ranked by the weights as they are now."""
    return replace(one, found=replace(one.found, ranked=tuple(rank([item.measured for item in one.found.ranked]))))


def dump(fitted: dict[str, dict[str, float]]) -> str:
    """The data file: one line a step, four digits."""
    lines = [f'  "{name}": {json.dumps({key: round(value, 4) for key, value in step.items()})}' for name, step in fitted.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main()
