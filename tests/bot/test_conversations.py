"""Stored conversations keep to their laws, whatever is asked, rated, moved and erased in whatever order."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from operator import methodcaller

import pytest
import sqlalchemy as sa
from conversing import Rows, answer, ask, dump, stored
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assistant import REMEMBERED
from bot.conversations import Conversations
from bot.exchanges import Asked, Thread, details_of
from retrieval import Answer, Dropped, LibraryError, Shortfall, Turn, Usage

OLD, NEW, OTHER = -1, -1_000_000_000_001, 7  # a group, the supergroup that it becomes, a private chat
ADA, BOB, EVE = 1, 2, 3
THREADS = st.builds(Thread, st.sampled_from([OLD, NEW, OTHER]), st.sampled_from([0, 5]), st.sampled_from([ADA, BOB, EVE]))


@pytest.fixture
def conversations(database: sa.Engine) -> Conversations:
    """An empty database."""
    return Conversations(database)


@st.composite
def histories(draw: st.DrawFn) -> list[Callable[[Conversations], object]]:
    """What people do in some chats: ask, going on from anything earlier or from nothing, begin anew, edit, and rate."""
    steps: list[Callable[[Conversations], object]] = []
    threads: list[Thread] = []
    for update in range(draw(st.integers(0, 12))):
        done = st.integers(1, len(threads)) if threads else st.nothing()
        kind = draw(st.sampled_from(["ask", "ask", "edit", "rate", "anew"] if threads else ["ask"]))
        if kind == "ask":
            threads.append(draw(THREADS))
            steps.append(partial(ask, thread=threads[-1], number=update, parent=draw(st.none() | done)))
        elif kind == "edit":
            which = draw(done)
            steps.append(partial(ask, thread=threads[which - 1], number=update, replaces=which))
        elif kind == "rate":
            steps.append(methodcaller("rate", draw(done), draw(st.sampled_from([ADA, BOB])), liked=draw(st.booleans())))
        else:
            steps.append(methodcaller("begin_anew", draw(THREADS)))
    return steps


@settings(max_examples=20, deadline=None)
@given(st.data(), st.integers(1, 2 * REMEMBERED))
def test_turns_are_the_path_to_the_root(data: st.DataObject, count: int) -> None:
    """Whatever tree the exchanges make, the turns before a question are those that lead to it, oldest first, and not too many."""
    with stored() as conversations:
        parents: dict[int, int | None] = {}
        for number in range(1, count + 1):
            parents[number] = data.draw(st.sampled_from([number - 1 or None] * 9 + [None, *range(1, number)]))
            assert number == ask(conversations, Thread(OTHER, 0, ADA), number, parent=parents[number])

        for number in parents:
            path: list[int] = []
            last: int | None = number
            while last is not None:
                path, last = [last, *path], parents[last]
            turns = conversations.turns(number)
            assert [f"Question {each}?" for each in path[-REMEMBERED:]] == [turn.question for turn in turns]
            assert [not each % 3 for each in path[-REMEMBERED:]] == [turn.abstained for turn in turns]
        assert () == conversations.turns(None) == conversations.turns(count + 1)


@settings(max_examples=40, deadline=None)
@given(histories())
def test_moving_twice_is_moving_once(history: list[Callable[[Conversations], object]]) -> None:
    """A group that has become a supergroup keeps its exchanges, votes and heads; being told so again changes nothing."""
    with stored() as conversations:
        for step in history:
            step(conversations)
        before = dump(conversations)
        with conversations.engine.begin() as connection:
            conversations.move(connection, OLD, NEW)
        once = dump(conversations)
        with conversations.engine.begin() as connection:
            conversations.move(connection, OLD, NEW)

        assert once == dump(conversations)
        assert [{**each, "chat": NEW if each["chat"] == OLD else each["chat"]} for each in before["exchange"]] == once["exchange"]
        assert before["vote"] == once["vote"]
        assert [each for each in before["exchange_message"] if each["chat"] != OLD] == once["exchange_message"]
        assert not any(each["chat"] == OLD for each in once["conversation"])
        kept = {(each["chat"], each["topic"], each["asker"]): each["head"] for each in before["conversation"]}
        for each in once["conversation"]:
            place = (each["topic"], each["asker"])
            assert each["head"] == kept.get((each["chat"], *place), kept.get((OLD, *place)))


@settings(max_examples=40, deadline=None)
@given(histories())
def test_erasing_leaves_nothing_of_a_person_and_all_of_the_others(history: list[Callable[[Conversations], object]]) -> None:
    """Their questions, answers, messages, heads and votes go, and votes about their answers; nothing else does."""
    with stored() as conversations:
        for step in history:
            step(conversations)
        before = dump(conversations)
        with conversations.engine.begin() as connection:
            conversations.erase(connection, ADA)

        hers = {each["id"] for each in before["exchange"] if each["asker"] == ADA}
        left: Rows = {
            "exchange": [each for each in before["exchange"] if each["id"] not in hers],
            "exchange_message": [each for each in before["exchange_message"] if each["exchange"] not in hers],
            "conversation": [each for each in before["conversation"] if each["asker"] != ADA],
            "vote": [each for each in before["vote"] if each["exchange"] not in hers and each["person"] != ADA],
        }
        assert left == dump(conversations)
        for number in hers:
            assert (None, ()) == (conversations.get(number), conversations.turns(number))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4), st.lists(st.sampled_from([ADA, BOB]), max_size=12))
def test_a_conversation_keeps_its_newest(most: int, askers: list[int]) -> None:
    """Each conversation has its newest exchanges and nothing of older ones; none makes another forget."""
    with pytest.MonkeyPatch.context() as patch, stored() as conversations:
        patch.setattr("bot.conversations.KEPT", most)
        for number, asker in enumerate(askers, start=1):
            made = ask(conversations, Thread(OTHER, 0, asker), number, parent=conversations.head(Thread(OTHER, 0, asker)))
            assert number == made == conversations.head(Thread(OTHER, 0, asker))
        kept = dump(conversations)

        numbers = {person: [number for number, asker in enumerate(askers, start=1) if asker == person] for person in (ADA, BOB)}
        expected = sorted(numbers[ADA][-most:] + numbers[BOB][-most:])
        assert expected == [each["id"] for each in kept["exchange"]]
        assert set(expected) == {each["exchange"] for each in kept["exchange_message"]}
        for each in numbers.values():
            assert [f"Question {number}?" for number in each[-most:]] == [
                turn.question for turn in conversations.turns(each[-1] if each else None)
            ]


@given(
    st.text(), st.text(), st.lists(st.tuples(st.integers(1), st.text()), min_size=1, max_size=3, unique_by=lambda each: each[0])
)
def test_what_is_stored_is_what_was_said(question: str, said: str, pieces: list[tuple[int, str]]) -> None:
    """A question with its messages, and an answer with its citations, come back as they were."""
    with stored() as conversations:
        asked = Asked(Thread(OTHER, 0, ADA), 9, tuple((number % 2**60, text) for number, text in pieces), question)
        with conversations.engine.begin() as connection:
            number = conversations.record(connection, asked, answer(said))
        found = conversations.get(number)

        assert found is not None
        assert (asked.thread, asked.pieces, question) == (found.thread, found.pieces, found.question)
        assert (answer(said).text, answer(said).citations, not said) == (found.answer, found.citations, found.abstained)
        assert found == conversations.of_update(9)
        assert all(found == conversations.of_message(OTHER, piece) for piece, _ in asked.pieces)


@given(
    st.builds(
        replace,
        st.sampled_from([answer("So."), answer("")]),
        model=st.none() | st.text(),
        standalone=st.text(),
        carried=st.lists(st.text()).map(tuple),
        written=st.booleans(),
        shortfall=st.none() | st.sampled_from(Shortfall),
        usage=st.none() | st.builds(Usage, st.integers(0), st.integers(0)),
        dropped=st.lists(st.builds(Dropped, st.text(), st.text())).map(tuple),
    )
)
def test_how_an_answer_was_come_by_is_stored(given_answer: Answer) -> None:
    """Everything that /why tells of comes back as it was."""
    with stored() as conversations:
        with conversations.engine.begin() as connection:
            asked = Asked(Thread(OTHER, 0, ADA), 9, ((1, "Q?"),), "Q?")
            number = conversations.record(connection, asked, given_answer)
        found = conversations.get(number)

        assert found is not None
        assert (given_answer.standalone, given_answer.confidence) == (found.standalone, found.confidence)
        assert (given_answer.model, details_of(given_answer)) == (found.model, found.details)


def test_an_edited_question_takes_the_place_of_what_it_was(conversations: Conversations) -> None:
    """It keeps its number, its parent and its bot's messages; its votes go, and the head stays where it is."""
    thread = Thread(OTHER, 0, ADA)
    first, second = ask(conversations, thread, 1), ask(conversations, thread, 2, parent=1)
    assert conversations.rate(first, BOB, liked=True)
    asked = Asked(thread, 5, ((2, "Question"), (4, "5?")), "Question 5?", None)
    with conversations.engine.begin() as connection:
        assert first == conversations.record(connection, asked, answer("Answer 5."), replaces=first)

    assert (Turn("Question 5?", "Answer 5."), Turn("Question 2?", "Answer 2.")) == conversations.turns(second)
    assert second == conversations.head(thread)
    assert [] == dump(conversations)["vote"]
    assert [3] == conversations.messages(first)
    assert [first] * 2 == [made.id for piece in (2, 4) if (made := conversations.of_message(OTHER, piece))]
    assert (None, first) == tuple(made and made.id for made in map(conversations.of_update, (1, 5)))


def test_no_update_leads_to_two_answers(conversations: Conversations) -> None:
    """Storing another answer for the same update fails as a whole."""
    ask(conversations, Thread(OTHER, 0, ADA), 1)
    before = dump(conversations)

    with pytest.raises(LibraryError, match="The conversations cannot be used"):
        ask(conversations, Thread(OTHER, 0, BOB), 1)
    assert before == dump(conversations)


def test_numbers_are_never_given_again(conversations: Conversations) -> None:
    """The button of an erased answer never opens another one."""
    erased = ask(conversations, Thread(OTHER, 0, ADA), 1)
    with conversations.engine.begin() as connection:
        conversations.erase(connection, ADA)

    assert erased < ask(conversations, Thread(OTHER, 0, BOB), 2)


def test_a_person_has_one_vote(conversations: Conversations) -> None:
    """The last one counts, and saying the same again changes nothing; another person's is another."""
    number = ask(conversations, Thread(OTHER, 0, ADA), 1)

    said = [conversations.rate(number, person, liked=liked) for person, liked in ((7, True), (7, True), (7, False), (8, False))]

    assert [True, False, True, True] == said
    assert {7: False, 8: False} == {each["person"]: each["liked"] for each in dump(conversations)["vote"]}


def test_beginning_anew_forgets_nothing(conversations: Conversations) -> None:
    """The next question follows nothing, in this thread alone; what was said before can still be gone on from."""
    thread = Thread(OTHER, 0, ADA)
    others = [replace(thread, topic=5), replace(thread, asker=BOB), replace(thread, chat=OLD)]
    number = ask(conversations, thread, 1)
    heads = [ask(conversations, other, place) for place, other in enumerate(others, start=2)]

    conversations.begin_anew(thread)
    conversations.begin_anew(thread)

    assert conversations.head(thread) is None
    assert heads == [conversations.head(other) for other in others]
    assert (Turn("Question 1?", "Answer 1."),) == conversations.turns(number)


def test_a_message_belongs_to_one_exchange(conversations: Conversations) -> None:
    """Whatever it belonged to last; one that is taken away belongs to none."""
    first, second = (ask(conversations, Thread(OTHER, 0, ADA), number) for number in (1, 2))
    with conversations.engine.begin() as connection:
        for number in (30, 20, 3):
            conversations.note_message(connection, OTHER, number, second, from_bot=True)

    assert ([], [3, 5, 20, 30]) == (conversations.messages(first), conversations.messages(second))
    conversations.forget_message(OTHER, 20)
    assert [3, 5, 30] == conversations.messages(second)
    assert (None, None) == (conversations.of_message(OTHER, 20), conversations.of_message(OLD, 3))
