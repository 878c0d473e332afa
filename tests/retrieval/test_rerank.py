"""The optional cross-encoder: a real one, tiny and with made-up weights, read from a folder."""

from pathlib import Path

import pytest
import torch
from sentence_transformers import CrossEncoder
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from retrieval import ArticleRetriever, Library, ModelError, Reranker

QUESTION = "What did the fish ladder change for the otters?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A cross-encoder of a few thousand weights."""
    at = tmp_path_factory.mktemp("cross-encoder")
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *"abcdefghijklmnopqrstuvwxyz",
        *(f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"),
    ]
    (at / "vocab.txt").write_text("\n".join(words))
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, num_labels=1
    )
    BertForSequenceClassification(config).save_pretrained(at)
    BertTokenizerFast(str(at / "vocab.txt"), model_max_length=128).save_pretrained(at)
    return str(at)


def test_order_is_the_cross_encoders(folder: str, library: Library) -> None:
    """With a rerank model the same candidates come in its order, and scores still fall from the first to the last."""
    plain = ArticleRetriever(library=library).find(QUESTION).ranked
    reranked = ArticleRetriever(library=library, reranker=Reranker(folder)).find(QUESTION).ranked

    texts = [item.measured.chunk.prefix + item.measured.chunk.text for item in reranked]
    wanted = CrossEncoder(folder).predict([(QUESTION, text) for text in texts])
    assert sorted(wanted, reverse=True) == pytest.approx(list(wanted))
    assert {item.measured.chunk.id for item in plain} == {item.measured.chunk.id for item in reranked}
    assert [item.score for item in plain] == [item.score for item in reranked]


def test_unknown_model_is_one_sentence(tmp_path: Path) -> None:
    """A folder that holds no model is refused with the name of the setting."""
    with pytest.raises(ModelError, match="FOOTNOTE_RERANK_MODEL"):
        Reranker(str(tmp_path / "nothing")).scores("why", ["because"])
