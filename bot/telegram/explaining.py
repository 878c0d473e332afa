"""How an answer was come by, for whoever asks /why: one message, however much there is to say."""

from collections.abc import Iterator

from bot.exchanges import Exchange
from bot.telegram import texts
from bot.telegram.origin import origin
from bot.telegram.richtext import RichText, filled, join
from bot.telegram.shown import NAME_LENGTH, named

SEARCH_LENGTH, TERMS_LENGTH = 300, 150
MOST_DROPPED, SENTENCE_LENGTH, REASON_LENGTH = 5, 150, 80


def show_why(exchange: Exchange) -> RichText:
    """What was searched for, whose words the answer is in, how sure it is, and what was left out of it."""
    return join("\n", [*_search(exchange), *_words(exchange), *_dropped(exchange)])


def _search(exchange: Exchange) -> Iterator[RichText]:
    yield filled(texts.WHY_SEARCHED, searched=named(exchange.standalone, SEARCH_LENGTH))
    if exchange.details.carried:
        yield filled(texts.WHY_CARRIED, terms=named(", ".join(exchange.details.carried), TERMS_LENGTH))
    yield RichText(texts.WHY_SURE.format(percent=round(100 * exchange.confidence)))


def _words(exchange: Exchange) -> Iterator[RichText]:
    plainly = RichText(texts.WHY_REFUSED if exchange.abstained else texts.WHY_QUOTED)
    yield origin(exchange.details, exchange.model, abstained=exchange.abstained) or plainly
    yield filled(texts.WHY_MODEL, model=named(exchange.model or texts.NO_MODEL, NAME_LENGTH))
    usage = exchange.details.usage
    if usage:
        yield RichText(texts.WHY_TOKENS.format(read=usage.input_tokens, written=usage.output_tokens))


def _dropped(exchange: Exchange) -> Iterator[RichText]:
    """The first of the sentences that are not in the answer, and why; they have no numbers, for they rest on nothing."""
    dropped = exchange.details.dropped
    if dropped:
        yield RichText(f"\n{texts.WHY_LEFT_OUT}")
    for each in dropped[:MOST_DROPPED]:
        yield filled(texts.WHY_DROPPED, sentence=named(each.text, SENTENCE_LENGTH), reason=named(each.reason, REASON_LENGTH))
    if len(dropped) > MOST_DROPPED:
        yield RichText(texts.WHY_MORE.format(count=len(dropped) - MOST_DROPPED))
