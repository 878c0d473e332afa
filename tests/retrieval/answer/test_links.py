"""What leads out of a text is never shown, in whatever disguise."""

import pytest
from cited import TEXTS, passage
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.answer.support import LINK, unsupported

LINKS = [
    "https://evil.com/x", "hxxp://evil.com", "evil[.]com", "evil.com", "EVIL.COM", "evil(dot)com",
    "t.me/x", "t.me", "bit.ly/abc", "www.example.org", "[here](x)", "![seen](x)", "someone@example.org",
    "@handle", "<b>bold</b>", "<img src=x", "ｅｖｉｌ．ｃｏｍ", "ev\u200bil.c\u00adom", "javascript:alert(1)",
    "sub.evil.co.uk", "mailto:x", "tg://resolve",
    "evil.zone", "evil.zone/x", "www.evil", "evil .com", "evil. com", "evil . com",
    "evil dot com",
    "evil-dot-com", "evil,com", "evil·com", "bücher.example", "пример.рф", "xn--bcher-kva.xn--p1ai", "EVIL.ZONE", "evil。zone",
    "пример.com", "127.0.0.1:80",
]  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
def test_links_are_never_supported(link: str) -> None:
    """Not even if the passages hold them, in whatever disguise."""
    text = f"Volunteers counted otters, see {link} for more"

    assert unsupported(text, [text], [passage(text)], "en") == LINK


@pytest.mark.parametrize(
    "words",
    [
        "the U.S. count", "e.g. otters", "Node.js there", "3.5 otters", "on 2024.05.01", "by Dr.Smith", "the mill.It was old",
        "ASP.NET", "z.B. St.Gallen", "at 5.30 p.m.", "and/or otters", "a < b and c > d", "J.R.R. Tolkien", "ratio 1:2",
        "[sic] (that)", "he said: it", "version 1.2.3.4", "Ph.D. or A.I.", "vs. us.",
        "the dot com boom", "e.g.otters", "E.coli and e.coli", "of vue.js", "the mill.The end", "p.ex. otters",

    ],
)  # fmt: skip
def test_no_links(words: str) -> None:
    """Full stops, slashes and brackets are no links by themselves."""
    text = f"Volunteers counted {words} for more"

    assert unsupported(text, [text], [passage(text)], "en") == ""


@settings(deadline=None)
@given(TEXTS, st.sampled_from(LINKS), st.data())
def test_an_added_link_is_caught(text: str, link: str, data: st.DataObject) -> None:
    """Wherever it stands."""
    words = text.split()
    place = data.draw(st.integers(0, len(words)))
    sentence = " ".join([*words[:place], link, *words[place:]])

    assert unsupported(sentence, [text], [passage(text)], "en") == LINK
