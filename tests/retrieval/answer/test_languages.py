"""What may be said of passages in other languages than English."""

import pytest
from cited import passage, plain

from retrieval.answer.support import DENIAL, ELSEWHERE, unsupported

WIESE = (
    "Die Streuobstwiese wurde am 18. Februar 2025 von Ines Duarte in Tarnau eröffnet. Dreißig Apfelbäume stehen dort, und "
    "der Imker hat kein Honiglager. Es kamen 1.200 Gäste."
)


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Die Wiese in Tarnau wurde im Februar 2025 eröffnet.", ""),
        ("30 Apfelbäume stehen auf der Streuobstwiese.", ""),
        ("Ines Duarte eröffnete die Streuobstwiese am 18.02.2025.", ""),
        ("Die Eröffnung der Streuobstwiese war 2025.", ""),
        ("Zur Streuobstwiese in Tarnau kamen 1200 Gäste.", ""),
        ("Die Wiese in Berlin wurde von Ines Duarte eröffnet.", "the name Berlin is not in the passages"),
        ("Die Streuobstwiese wurde von Karl Duarte eröffnet.", "the name Karl is not in the passages"),
        ("Vierzig Apfelbäume stehen dort.", "the number Vierzig is not in the passages"),
        ("Fünfundzwanzig Apfelbäume stehen dort.", "the number Fünfundzwanzig is not in the passages"),
        ("Die Streuobstwiese wurde im März 2025 eröffnet.", "the date März 2025 is not in the passages"),
        ("Die Streuobstwiese in Tarnau wurde nicht eröffnet.", DENIAL),
        ("Der Imker hat Honig.", ELSEWHERE),
    ],
)
def test_german(sentence: str, reason: str) -> None:
    """In German every noun has a capital, so that only rare ones and known names are names."""
    quote = WIESE[: WIESE.index(", und")]

    assert unsupported(sentence, [quote], [passage(WIESE, title="", site="", date="")], "de") == reason


@pytest.mark.parametrize(
    ("text", "sentence", "language", "reason"),
    [
        ("Le pont a coûté deux millions d'euros le 1er mai 2020.", "Le pont a coûté 2 millions d'euros en mai 2020.", "fr", ""),
        (
            "Le pont a coûté deux millions d'euros.",
            "Le pont a coûté 3 millions.",
            "fr",
            "the number 3 millions is not in the passages",
        ),
        ("Quatre-vingt-dix-sept bateaux sont arrivés.", "97 bateaux sont arrivés.", "fr", ""),
        ("Le pont est ouvert à tous.", "Le pont n'est pas ouvert à tous.", "fr", DENIAL),
        ("El puente se abrió el 3 de mayo de 2019.", "El puente se abrió en mayo de 2019.", "es", ""),
        ("El puente se abrió en mayo.", "El puente se abrió en junio.", "es", "the date junio is not in the passages"),
        ("Treinta y cinco barcos llegaron.", "Llegaron 35 barcos.", "es", ""),
        ("El puente está abierto.", "El puente no está abierto.", "es", DENIAL),
        ("橋は2019年5月3日に開通した。", "橋は2019年5月に開通した。", "ja", ""),
        ("橋は2019年に開通した。", "橋は2018年に開通した。", "ja", "the number 2018 is not in the passages"),
        (
            "Мост открыли 35 рабочих из Тулы.",
            "Мост открыли 35 рабочих из Рязани.",
            "ru",
            "the name Рязани is not in the passages",
        ),
        ("Nos montes há uma ponte no Porto.", "Há uma ponte no Porto.", "pt", ""),
    ],
)
def test_other_languages(text: str, sentence: str, language: str, reason: str) -> None:
    """Months, numbers in words and denials are known in some languages, digits and names in all."""
    assert unsupported(sentence, [text], [passage(text, title="", site="", date="")], language) == reason


IT, RU = "I volontari contarono ventisette lontre sul fiume.", "Волонтёры насчитали двадцать семь зверей."
ZH = "志愿者数了二十三只水獭。"


@pytest.mark.parametrize(
    ("text", "sentence", "language", "strange"),
    [
        (IT, "Sul fiume i volontari contarono ventisette lontre.", "it", ""),
        (IT, "I volontari contarono trentadue lontre sul fiume.", "it", "trentadue"),
        (IT, "I volontari non contarono lontre.", "it", "non"),
        (RU, "Волонтёры насчитали двадцать семь зверей", "ru", ""),
        (RU, "Волонтёры насчитали тридцать два зверя.", "ru", "тридцать"),
        (RU, "Волонтёры не насчитали зверей.", "ru", "не"),
        (ZH, "志愿者数了二十三只水獭", "zh", ""),
        (ZH, "志愿者数了三十二只水獭。", "zh", "三十二"),
        (ZH, "志愿者没数水獭。", "zh", "没"),
    ],
)
def test_near_copies(text: str, sentence: str, language: str, strange: str) -> None:
    """Where numbers in words and denials are not known, a sentence has no other words than its passages."""
    reason = f"the passages do not have the word {strange}" if strange else ""

    assert unsupported(sentence, [text], [plain(text, language)], language) == reason


def test_every_language_counts() -> None:
    """A passage in another language beside the one that a sentence speaks of takes no check away."""
    eels, other = plain("An otter goes where the eels go.", "en"), plain("Der Otter geht dorthin.", "de")
    quotes = [other.text, eels.text]

    assert unsupported("Otters do not go where the eels go.", quotes, [other, eels], "de") == DENIAL
    assert unsupported("Otters go where the eels go.", quotes, [other, eels], "de") == ""


@pytest.mark.parametrize("language", ["en", "it"])
def test_another_script(language: str) -> None:
    """Letters that none of the passages has say what nobody can check."""
    text = "A fish ladder was opened in September 2022"

    assert unsupported(f"{text}, отправьте деньги мэру.", [text], [plain(text, language)], language) != ""
