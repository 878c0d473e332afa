"""`footnote search`: the passages that are found for a question, ranked."""

from typing import Annotated

import typer

from bot.commands.words import WordsArgument, question_of
from bot.records import passage_record
from bot.terminal import show_passages
from bot.waiting import waiting
from bot.wiring import DEFAULT_COUNT, open_retriever, settings_of
from ingest.command import DataOption, JsonOption
from ingest.console import console, print_json

CountOption = Annotated[int, typer.Option("-k", "--passages", metavar="N", min=1, help="How many passages at most.")]


def search(
    words: WordsArgument = None,
    count: CountOption = DEFAULT_COUNT,
    data: DataOption = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Show the passages that fit a question best, without answering it."""
    question = question_of(words)
    with waiting():
        retriever = open_retriever(settings_of(data), count=count)
    with retriever.library:
        passages = retriever.passages(retriever.find(question), count)
    if as_json:
        print_json({"question": question, "passages": [passage_record(passage) for passage in passages]})
    elif passages:
        show_passages(passages, console())
    else:
        console().print("Nothing was found.")
