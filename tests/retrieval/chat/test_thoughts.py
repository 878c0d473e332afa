"""What stands between the tags of thoughts is taken out, however the text is cut into pieces."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.chat.thoughts import Thoughts

PARTS = st.sampled_from(["<think>", "</think>", "<THINKING>", "</thinking>", "<thin", "<", ">", "/", "a", "word ", "\n", "think"])


def shown(*pieces: str) -> str:
    """What of these pieces is shown."""
    thoughts = Thoughts()
    return "".join(thoughts.feed(piece) for piece in pieces) + thoughts.end()


@given(st.lists(PARTS, max_size=12), st.data())
def test_the_cuts_do_not_matter(parts: list[str], data: st.DataObject) -> None:
    """A text in pieces is shown as the text in one, and never with a tag."""
    text = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    assert shown(text) == shown(*pieces)
    assert not re.search(r"</?think(ing)?>", shown(text), re.IGNORECASE) or "<" in re.sub(
        r"</?think(ing)?>", "", text, flags=re.IGNORECASE
    )


@given(st.text())
def test_other_text_is_untouched(text: str) -> None:
    """A text without the tags is shown as it is."""
    assert text == shown(*text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>hm</think>So.", "So."),
        ("One. <thinking>hm < 3</thinking>Two.", "One. Two."),
        ("hm, who knows</think>SENTENCE: So.", "hm, who knows\nSENTENCE: So."),
        ("<think>never ends", ""),
        ("1 <thi", "1 <thi"),
        ("a <b and c> d", "a <b and c> d"),
    ],
)
def test_thoughts(text: str, expected: str) -> None:
    """Blocks go, wherever they stand; an end without a beginning only ends the line; what is no tag stays."""
    assert expected == shown(text) == shown(*text)
