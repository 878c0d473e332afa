"""`footnote ask`: one question, one answer with its footnotes."""

from bot.assistant import Assistant, Recent
from bot.commands.words import WordsArgument, question_of
from bot.records import answer_record
from bot.terminal import show_answer
from bot.waiting import waiting
from bot.wiring import open_chain, settings_of
from ingest.command import DataOption, JsonOption
from ingest.console import console, print_json


def ask(words: WordsArgument = None, data: DataOption = None, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Ask one question: the answer, each sentence with a footnote that quotes an article."""
    question = question_of(words)
    with waiting():
        chain = open_chain(settings_of(data))
    with chain.retriever.library:
        answer = Assistant(chain, Recent()).ask(question)
    if as_json:
        print_json(answer_record(answer))
    else:
        show_answer(answer, console())
