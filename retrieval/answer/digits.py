"""What a number in digits may be: 1,200 and 1.200 and 1 200 are 1200, and 2.5 and 2,5 are the same."""

import re
import unicodedata
from fractions import Fraction

Value = int | Fraction | str  # a string where it is no quantity: a version, a power

FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
SINGLE = "①-⒛⓪-⓿❶-➓㈠-㈩㉈-㉏㉑-㉟㊀-㊉㊱-㊿Ⅰ-ↂ"  # numbers that are one character each
SPACES = "\u00a0\u202f\u2009"
_GROUPED = re.compile(r"[1-9]\d{0,2}(?P<mark>[.,' ])\d{3}(?:(?P=mark)\d{3})*|[1-9]\d?(?:,\d\d)+,\d{3}")
_DECIMAL = re.compile(r"(?P<whole>.*)(?P<mark>[.,])(?P<part>\d+)")
_MARKS = re.compile("[.,' ]")
_DOT_DECIMALS = frozenset(("en", "ja", "zh", "ko", "th", "he", "hi"))
_MOST_DIGITS = 60  # more are no quantity, and int() refuses thousands


def read_digits(written: str, language: str, *, scaled: bool = False) -> tuple[Value, tuple[Value, ...]]:
    """The value, and the values of its parts if it may be several numbers; `scaled` if a word such as million follows."""
    digits = re.sub(f"[{SPACES}]", " ", written.replace("’", "'"))
    if len(digits) > _MOST_DIGITS:
        return digits, ()
    marks = _MARKS.findall(digits)
    if not marks:
        return int(digits), ()
    decimal = "." if language in _DOT_DECIMALS else ","
    if _GROUPED.fullmatch(digits) and not (scaled and marks == [decimal]):
        return int(_MARKS.sub("", digits)), tuple(map(int, written.split(" "))) if " " in written else ()
    split = _DECIMAL.fullmatch(digits)
    if split and (split["whole"].isdecimal() or (_GROUPED.fullmatch(split["whole"]) and marks.count(split["mark"]) == 1)):
        return Fraction(f"{int(_MARKS.sub('', split['whole']))}.{split['part']}"), ()
    return digits, tuple(map(int, digits.split(","))) if set(marks) == {","} else ()


def fraction(sign: str) -> Fraction:
    """The value of a sign such as ½."""
    return Fraction(unicodedata.numeric(sign)).limit_denominator(10)


def whole(sign: str) -> int:
    """The value of a sign such as ㉙."""
    return int(unicodedata.numeric(sign))
