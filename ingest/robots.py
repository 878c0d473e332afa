"""What a site asks of programs: a page that it does not want kept is not kept.

Asked are the page and its answer, not robots.txt: that speaks to crawlers that follow links, and here a person names each page or
feed, as in a browser. What a feed itself holds is published for programs, so the wish for the page does not cover it.
"""

import re
from collections.abc import Sequence

from retrieval.errors import SourceError

WISHES = {"noindex", "none", "noarchive"}
US = {"robots", "footnote"}
OTHERS = re.compile(r"\s*([\w./-]{1,60})\s*:(.*)", re.DOTALL)  # a wish to one program: `otherbot: noindex`
# Wishes with a value, which is none of ours though it be `none`, and before which stands no program's name.
VALUED = re.compile(r"\b(?:max-(?:snippet|image-preview|video-preview)|unavailable_after)\s*:[^,;]*", re.IGNORECASE)
# What looks like markup and is none; an end that is missing is the end of the page, which keeps the search linear.
NO_MARKUP = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)
META = re.compile(r"<meta\b([^<>]{0,1000})>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""([\w:-]{1,40})\s{0,9}=\s{0,9}("[^"]{0,500}"|'[^']{0,500}'|[^\s"'>]{1,500})""")


def check_header(lines: Sequence[str]) -> None:
    """Raise SourceError when a line of X-Robots-Tag asks us not to keep the page."""
    for line in (VALUED.sub("", each) for each in lines):
        named = OTHERS.fullmatch(line)
        if named and named.group(1).lower() not in US | WISHES:
            continue
        _check(named.group(2) if named and named.group(1).lower() in US else line)


def check_page(html: str) -> None:
    """Raise SourceError when the page's own head asks us not to keep it."""
    for tag in META.findall(NO_MARKUP.sub("", html)):
        said = {name.lower(): value.strip("\"'") for name, value in ATTRIBUTE.findall(tag)}
        if said.get("name", "").strip().lower() in US:
            _check(said.get("content", ""))


def _check(wishes: str) -> None:
    if WISHES & set(re.split(r"[\s,;]+", VALUED.sub("", wishes.lower()))):
        message = "The site asks programs not to keep this page."
        raise SourceError(message, help="If you may keep it, save the page and give the file.")
