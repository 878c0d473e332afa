"""How people and groups stand, as it is written down."""

import threading
from collections.abc import Iterator
from itertools import count
from typing import Never

import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import together

from bot.telegram import members as module
from bot.telegram.members import ALPHABET, CODE_LENGTH, TRIES, Members, Standing, is_code
from bot.telegram.stored import open_conversations

ADA, BOB, GROUP, NEW = 7, 8, -500, -1_000_000_000_500


@pytest.fixture
def members(database: sa.Engine) -> Members:
    """The members of a database of their own."""
    return Members(database)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Members]:
    """The members of a database for many examples."""
    engine = open_conversations(tmp_path_factory.mktemp("members"))
    yield Members(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def stranger() -> Iterator[int]:
    """Ids of people whom the bot has not met."""
    return count(100)


def code_of(members: Members) -> str:
    """The pairing code, which there is."""
    code = members.pairing_code()
    assert code is not None
    return code


def pair(members: Members, who: int, typed: str, name: str = "") -> bool:
    """Whether a person becomes admin by what they type."""
    with members.engine.begin() as connection:
        return members.pair(connection, who, name, typed)


def stand(members: Members, who: int, standing: Standing) -> bool:
    """Let a person or group stand differently; whether that is a change."""
    with members.engine.begin() as connection:
        return members.set_standing(connection, who, standing)


def test_pairing_code(members: Members) -> None:
    """It is made of letters that cannot be mistaken, stays the same until it is used, and there is none beside an admin."""
    code = code_of(members)
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(ALPHABET)
    assert not set(ALPHABET) & set("01ILO")
    assert code_of(Members(members.engine)) == code
    assert pair(members, ADA, code)
    assert members.pairing_code() is None
    assert members.admins() == [ADA]
    assert not pair(members, BOB, code)


@settings(max_examples=25, deadline=None)
@given(typed=st.text(max_size=30) | st.text(ALPHABET, min_size=8, max_size=8))
@example("ÄÖÜÄÖÜÄÖ")
@example("ßßßß")
@example("ﬁﬁﬁﬁ")
@example("Привет12")
@example("١٢٣٤٥٦٧٨")
@example("\ud800" * 8)
def test_anything_typed(stranger: Iterator[int], shared: Members, typed: str) -> None:
    """Whatever a stranger sends is a wrong code or none, and raises nothing."""
    assert code_of(shared) not in typed.upper()
    assert not (is_code(typed) and pair(shared, next(stranger), typed, "Eve"))


@pytest.mark.parametrize("typed", ["ABCDEFGH", " abcd-efgh\n", "2 3 4 5 6 7 8 9", "“abcdefgh”"])
def test_codes(typed: str) -> None:
    """Eight letters of the alphabet may be a code, however they are typed."""
    assert is_code(typed)


@pytest.mark.parametrize("typed", ["", "ABCDEFG", "ABCDEFGHJ", "ABCDEFG0", "Привет12", "١٢٣٤٥٦٧٨", "How many otters?"])
def test_no_codes(typed: str) -> None:
    """Nothing else may."""
    assert not is_code(typed)


def test_pairing_is_undone(members: Members) -> None:
    """A pairing whose transaction fails has not happened: the code is still good, and nobody is admin."""
    code = code_of(members)

    def fail() -> Never:
        with members.engine.begin() as connection:
            assert members.pair(connection, ADA, "Ada", code)
            raise OSError

    with pytest.raises(OSError):
        fail()
    assert (members.admins(), code_of(members)) == ([], code)
    assert pair(members, ADA, code)


def test_tries(members: Members, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right code counts among the first five of a day only, for each person by themselves, told or not."""
    code, wrong = code_of(members), "A" * CODE_LENGTH
    for day in ("2031-01-01", "2031-01-02"):
        monkeypatch.setattr(module, "_today", lambda day=day: day)
        for _ in range(TRIES):
            assert not pair(members, ADA, wrong)
            members.note_told(ADA, "Ada")
        assert not pair(members, ADA, code)
    assert members.standing(ADA) == Standing.ASKED
    with members.engine.begin() as connection:
        members.erase(connection, ADA)
    assert not pair(members, ADA, code), "what is forgotten does not give more tries"
    monkeypatch.setattr(module, "_today", lambda: "2031-01-03")
    for _ in range(TRIES - 1):
        assert not pair(members, ADA, wrong)
    assert pair(members, ADA, code)


def test_two_at_once(members: Members) -> None:
    """Of two who send the code at the same moment one becomes admin."""
    code, ready = code_of(members), threading.Barrier(4)
    paired = []

    def send(who: int) -> None:
        ready.wait()
        paired.append(pair(members, who, code))

    together(*(lambda who=who: send(who) for who in range(1, 5)))
    assert sorted(paired) == [False, False, False, True]
    assert len(members.admins()) == 1


@pytest.mark.parametrize("who", [ADA, GROUP])
def test_told_once_a_day(members: Members, monkeypatch: pytest.MonkeyPatch, who: int) -> None:
    """Whoever may not use the bot is due once a day, whatever their standing, and asking does not change a decision."""
    monkeypatch.setattr(module, "_today", lambda: "2031-01-01")
    assert members.standing(who) == Standing.UNKNOWN
    assert members.is_due(who)
    members.note_asked(who, "Somebody")
    assert members.is_due(who)
    members.note_told(who, "Somebody new")
    assert not members.is_due(who)
    assert [(each.id, each.name) for each in members.waiting()] == [(who, "Somebody new")]
    stand(members, who, Standing.REFUSED)
    monkeypatch.setattr(module, "_today", lambda: "2031-01-02")
    assert members.is_due(who)
    members.note_told(who, "Somebody")
    assert members.standing(who) == Standing.REFUSED
    assert members.waiting() == []


def test_unknown_is_not_promoted(members: Members) -> None:
    """A standing can be given only to whom the bot has met."""
    assert not stand(members, ADA, Standing.ADMIN)
    assert members.standing(ADA) == Standing.UNKNOWN
    assert members.admins() == []


def test_change_of_standing(members: Members) -> None:
    """A standing that is given again is no change."""
    members.note_asked(BOB, "Bob")
    members.note_asked(GROUP, "Readers")
    for who in (BOB, GROUP):
        assert [True, False, True] == [stand(members, who, each) for each in (Standing.MEMBER, Standing.MEMBER, Standing.REFUSED)]
        assert members.standing(who) == Standing.REFUSED


def move(members: Members, old: int, new: int) -> None:
    """Let a group become a supergroup."""
    with members.engine.begin() as connection:
        members.move(connection, old, new)


def test_move(members: Members) -> None:
    """A group's standing goes with it once, however often that is told; its old id leads to the new one."""
    members.note_asked(GROUP, "Readers")
    stand(members, GROUP, Standing.MEMBER)
    for _ in range(2):
        move(members, GROUP, NEW)
        assert members.current(GROUP) == NEW
        assert members.current(NEW) == NEW
        assert members.name(NEW) == "Readers"
    assert members.standing(NEW) == Standing.MEMBER
    stand(members, NEW, Standing.REFUSED)
    move(members, GROUP, NEW)
    assert members.standing(NEW) == Standing.REFUSED
    move(members, -600, -1_000_000_000_600)
    assert members.standing(-1_000_000_000_600) == Standing.UNKNOWN


def test_open_request_moves(members: Members) -> None:
    """A group that waits to be let in waits once."""
    members.note_asked(GROUP, "Readers")
    move(members, GROUP, NEW)
    assert [each.id for each in members.waiting()] == [NEW]


def test_gone(members: Members) -> None:
    """Why nothing can be sent to a chat is remembered beside how it stands, until it is found again."""
    members.note_asked(GROUP, "Readers")
    stand(members, GROUP, Standing.MEMBER)
    members.lose(GROUP, "kicked")
    members.lose(ADA, "blocked")
    assert members.gone() == {GROUP: "kicked", ADA: "blocked"}
    members.lose(GROUP, "")
    assert members.gone() == {ADA: "blocked"}
    assert members.standing(GROUP) == Standing.MEMBER


def test_erase(members: Members) -> None:
    """A person who is forgotten keeps how they stand, and loses their name."""
    members.note_asked(BOB, "Bob")
    stand(members, BOB, Standing.MEMBER)
    with members.engine.begin() as connection:
        members.erase(connection, BOB)
    assert members.standing(BOB) == Standing.MEMBER
    assert members.name(BOB) == ""
    with members.engine.connect() as connection:
        assert "Bob" not in str(connection.execute(sa.text("SELECT * FROM telegram_person")).all())
