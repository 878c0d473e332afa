"""A link to the words of a quote on their page."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.links import page_link, web_address
from ingest.console import printable

PAGE = "https://example.org/otters"
QUOTES = st.text(max_size=300) | st.lists(
    st.sampled_from(["word", "a-b", "x,y", "&", "# Head", "- item", "1. one", "a | b", "\n", "\n\n", "中文", "%20", "—", "😀"]),
    max_size=60,
).map(" ".join)


@given(QUOTES, st.sampled_from(["", "#part", "#part:~:text=old", "#:~:text=old"]))
def test_fragment_names_words_of_the_quote(quote: str, fragment: str) -> None:
    """The words in a fragment stand in the quote, in one line of it each, and no sign in them has a meaning."""
    address = page_link(PAGE + fragment, quote)
    page, _, directive = address.partition(":~:text=")

    assert len(address) <= 2048
    assert page.startswith(PAGE)
    if printable(quote):
        assert "old" not in directive
        assert page.removeprefix(PAGE) == ("#part" if "#part" in fragment else "#")
        assert 1 <= len(directive.split(",")) <= 2
        assert not set("-&#") & set(directive)
        lines = [printable(line) for line in quote.splitlines()]
        for words in directive.split(","):
            assert any(unquote(words) in line for line in lines)


@pytest.mark.parametrize(
    ("link", "quote", "expected"),
    [
        (PAGE, "27 animals, not-so few", f"{PAGE}#:~:text=27%20animals%2C%20not%2Dso%20few"),
        (f"{PAGE}#census", "27 & more", f"{PAGE}#census:~:text=27%20%26%20more"),
        (f"{PAGE}#:~:text=old", "new", f"{PAGE}#:~:text=new"),
        (PAGE, "a b c d e f\ng h i j k l m", f"{PAGE}#:~:text=a%20b%20c%20d%20e,i%20j%20k%20l%20m"),
        (PAGE, " ".join(f"word{n}" for n in range(30)), None),
        (PAGE, "## The census\n- 27 animals", f"{PAGE}#:~:text=The%20census,27%20animals"),
        (PAGE, " \n ", PAGE),
        (PAGE, "中" * 300, PAGE),
    ],
)
def test_what_a_fragment_looks_like(link: str, quote: str, expected: str | None) -> None:
    """Short quotes are named whole, long ones by both ends, and what would be too long is left out."""
    both_ends = f"{PAGE}#:~:text=word0%20word1%20word2%20word3%20word4,word25%20word26%20word27%20word28%20word29"

    assert (expected or both_ends) == page_link(link, quote)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "/home/me/otters.md",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https://localhost/x",
        "https://exa mple.org/",
        "https://[broken",
        "http://a.org:port/",
        "https://a.org/\u202eevil",
        f"https://a.org/{'x' * 2048}",
        "feed.xml#https://a.org/",
    ],
)
def test_only_the_web_is_linked(link: str) -> None:
    """What is no address on the web, or what Telegram would refuse, is not linked."""
    assert "" == page_link(link, "quote")
    assert "" == web_address(link)
