"""`footnote ask`: one question, one answer with its footnotes."""

from contextlib import closing
from typing import Annotated

import typer

from bot.assistant import Assistant, Recent
from bot.commands.words import WordsArgument, question_of
from bot.records import answer_record
from bot.terminal import show_events, show_explanation
from bot.waiting import answering, awaited, waiting
from bot.wiring import open_chain, settings_of
from ingest.command import DataOption, JsonOption
from ingest.console import console, print_json

ExplainOption = Annotated[bool, typer.Option("--explain", help="Show how the answer came about; --json always says it.")]


def ask(
    words: WordsArgument = None,
    data: DataOption = None,
    explain: ExplainOption = False,  # noqa: FBT002 - a flag of the command line
    as_json: JsonOption = False,  # noqa: FBT002 - as above
) -> None:
    """Ask one question: the answer, each sentence with a footnote that quotes an article."""
    question = question_of(words)
    with waiting():
        chain = open_chain(settings_of(data))
    assistant = Assistant(chain, Recent())
    with chain.retriever.library:
        if as_json:
            with answering(chain):
                answer = assistant.ask(question)
            print_json(answer_record(answer))
            return
        out = console()
        with closing(assistant.events(question)) as events:
            answer = show_events(awaited(events, chain), out)
    if explain:
        out.print()
        show_explanation(answer, out)
