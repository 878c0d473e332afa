"""Numbers in words, in English, German, French and Spanish: what each word is worth."""

from functools import cache

# Words for less than a hundred, that add up or stand alone.
_UNITS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete "
    "veintiocho veintinueve",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante septante quatre-vingt nonante",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
}
_ORDINALS = {  # from the third
    "en": "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth "
    "seventeenth eighteenth nineteenth twentieth",
    "de": "dritte vierte fünfte sechste siebte achte neunte zehnte elfte zwölfte",
    "fr": "troisième quatrième cinquième sixième septième huitième neuvième dixième",
    "es": "tercero cuarto quinto sexto séptimo octavo noveno décimo",
}
_SCALES = {
    "en": {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12, "bn": 10**9},
    "de": {"hundert": 100, "tausend": 1000, "million": 10**6, "millionen": 10**6, "milliarde": 10**9, "milliarden": 10**9,
           "billion": 10**12, "billionen": 10**12, "dutzend": 12, "mio": 10**6, "mrd": 10**9},
    "fr": {"cent": 100, "cents": 100, "mille": 1000, "million": 10**6, "millions": 10**6, "milliard": 10**9, "milliards": 10**9,
           "billion": 10**12, "douzaine": 12},
    "es": {"mil": 1000, "millón": 10**6, "millones": 10**6, "billón": 10**12, "billones": 10**12, "docena": 12},
}  # fmt: skip
_VAGUE = {
    "en": {"dozens": 12, "hundreds": 100, "thousands": 1000, "millions": 10**6, "billions": 10**9, "trillions": 10**12},
    "de": {"dutzende": 12, "hunderte": 100, "tausende": 1000, "millionen": 10**6, "milliarden": 10**9},
    "fr": {"douzaines": 12, "centaines": 100, "milliers": 1000, "millions": 10**6, "milliards": 10**9},
    "es": {"docenas": 12, "cientos": 100, "miles": 1000, "millones": 10**6},
}
# What a passage says of a number and a sentence may say without one: "both" is two, "one" and "second" are hardly numbers.
_HINTS = {
    "en": {"first": 1, "once": 1, "second": 2, "both": 2, "twice": 2, "pair": 2, "couple": 2},
    "de": {"ein": 1, "eine": 1, "einen": 1, "einem": 1, "einer": 1, "erste": 1, "zweite": 2, "beide": 2, "beiden": 2, "paar": 2},
    "fr": {"une": 1, "premier": 1, "première": 1, "second": 2, "seconde": 2, "deuxième": 2, "neuf": 9},
    "es": {"un": 1, "una": 1, "primero": 1, "primera": 1, "primer": 1, "segundo": 2, "segunda": 2, "ambos": 2, "ambas": 2},
}
# Also "below zero", an article, "new" or "room".
_ALONE = frozenset(("zero", "null", "zéro", "cero", "one", "eins", "un", "uno", "neuf", "cuarto"))


_MORE = {
    "fr": {"quatre-vingts": 80},
    "es": {"cien": 100, "ciento": 100, "doscientos": 200, "trescientos": 300, "cuatrocientos": 400, "quinientos": 500},
}


@cache
def units(language: str) -> dict[str, int]:
    """Words below a hundred, and ordinals; English ones in each of the languages, none in any other."""
    if language not in _UNITS:
        return {}
    known = {} if language == "en" else dict(units("en"))
    known |= {word: value for value, word in enumerate(_UNITS[language].split())}
    known |= {word: 10 * value for value, word in enumerate(_TENS[language].split(), 2)}
    known |= {word: value for value, word in enumerate(_ORDINALS[language].split(), 3)}
    known |= _MORE.get(language, {}) | (_german(known) if language == "de" else {})
    return {word.casefold(): value for word, value in known.items()}


def _german(known: dict[str, int]) -> dict[str, int]:
    """Those that are written as one word, up to 9999 where hundreds or thousands are whole, and ordinals with their endings."""
    digits = {word: known[word] for word in _UNITS["de"].split()[2:10]} | {"ein": 1}
    tens = {word: known[word] for word in _TENS["de"].split()}
    whole = {f"{digit}und{ten}": digits[digit] + tens[ten] for digit in digits for ten in tens}
    whole |= {
        f"{digit}{scale}": value * _SCALES["de"][scale] for digit, value in digits.items() for scale in ("hundert", "tausend")
    }
    whole |= {f"{word}{ending}": known[word] for word in _ORDINALS["de"].split() for ending in "nrsm"}
    return whole


@cache
def scales(language: str) -> dict[str, int]:
    """Words that multiply what stands before them."""
    return _SCALES["en"] | _SCALES[language] if language in _SCALES else {}


@cache
def vague(language: str) -> dict[str, int]:
    """Words for so many of something, without saying how many."""
    return _VAGUE["en"] | _VAGUE[language] if language in _VAGUE else {}


@cache
def hints(language: str) -> dict[str, int]:
    """Words that mean a number in a passage and claim none in a sentence."""
    return _HINTS["en"] | _HINTS[language] if language in _HINTS else {}


def claims(word: str) -> bool:
    """Whether a word for a number, alone, says a number."""
    return word not in _ALONE
