"""What guessing costs (rule 4: G1, G3), and that an answer tells nobody who is at this school (rule 3: G2)."""

import os
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import distinct, func, select, update
from sqlmodel import Session, col

from storage.access import chats, signing_in
from storage.access.secrets import keyed, name_mac
from storage.access.signing_in import AskSecond, ChatSignedIn, CodesOnly, Wait, Wrong
from storage.booking.booking import book
from storage.booking.choosing import overview
from storage.tables import Chat, Guess, Notice, Planning, School, Staff
from storage.words import NoticeKind, Recipient, Role, SecretKind, SignInStep
from tests.support.arriving import adds, arrives, comes_in, count, looks, moves_in, step_of, tries
from tests.support.cast import NOW, OPENS, PEPPER, Cast, parent
from tests.support.statements import statements

LONG = bool(os.environ.get("TIENMINUTEN_LONG"))
MINUTE = timedelta(minutes=1)
WAITS = Wait(NOW + 15 * MINUTE)
LOTTE, BAKKER = ("Lotte", "blauwe-olifant"), ("Lotte",)


def wrong(cast: Cast, chat: int, times: int, name: str = "Nobody", now: datetime = NOW) -> list[signing_in.Outcome]:
    return [tries(cast, chat, name, f"{1000 + number}AA", now) for number in range(times)]


def test_five_failures_in_a_chat_cost_a_quarter_of_an_hour(cast: Cast) -> None:
    chat = arrives(cast, "1")
    assert wrong(cast, chat, 5) == [Wrong()] * 4 + [WAITS]
    assert tries(cast, chat, "Sanne", "3511AB") == WAITS
    assert tries(cast, chat, "Sanne", "3511AB", NOW + 15 * MINUTE - timedelta(seconds=1)) == WAITS
    assert looks(cast, "1").family is None
    assert count(cast.database, Guess) == 5  # what is typed while waiting is not even tried
    later = NOW + 15 * MINUTE
    assert wrong(cast, chat, 4, now=later) == [Wrong()] * 4
    assert tries(cast, chat, "Sanne", "3511AB", later) == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))


def test_the_wait_of_one_chat_is_not_another_s(cast: Cast) -> None:
    wrong(cast, arrives(cast, "1"), 5)
    assert tries(cast, arrives(cast, "2"), "Sanne", "3511AB") == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))


def test_a_wrong_second_datum_is_a_failure_too(cast: Cast) -> None:
    moves_in(cast, "Berg", "Sanne", last="Berg", house_number="14")
    chat = arrives(cast, "1")
    for number in range(95, 99):
        for _ in range(2):
            assert tries(cast, chat, "Sanne", "3511AB") == AskSecond()
            assert adds(cast, chat, f"{number}") == Wrong(), "and the same once more is no new one"
    assert tries(cast, chat, "Sanne", "3511AB") == AskSecond()
    assert adds(cast, chat, "99") == WAITS
    assert tries(cast, chat, "Sanne", "3511AB") == WAITS


def test_a_second_datum_waits_as_well(cast: Cast) -> None:
    """The chat is asked a second datum and meanwhile made to wait, in another message."""
    moves_in(cast, "Berg", "Sanne", last="Berg", house_number="14")
    chat = arrives(cast, "1")
    assert tries(cast, chat, "Sanne", "3511AB") == AskSecond()
    until = NOW + MINUTE
    cast.database.work(lambda s: s.execute(update(Chat).where(col(Chat.id) == chat).values(wait_until=until)))
    assert adds(cast, chat, "12") == Wait(until)
    assert adds(cast, chat, "12", until) == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))


def test_a_chat_that_comes_in_gets_its_failures_back_but_only_those_with_this_name(cast: Cast) -> None:
    chat = arrives(cast, "1")
    wrong(cast, chat, 2, "Sanne")
    wrong(cast, chat, 2, "Emir")
    assert tries(cast, chat, "Sanne", "3511AB") == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))
    emir = name_mac(PEPPER, "emir")
    assert count(cast.database, Guess) == count(cast.database, Guess, col(Guess.first_name) == emir) == 2
    cast.database.work(chats.log_out, chat, NOW)
    assert wrong(cast, chat, 5) == [Wrong()] * 4 + [WAITS]  # from nought again


def test_the_failures_of_another_chat_are_not_given_back(cast: Cast) -> None:
    wrong(cast, arrives(cast, "1"), 4, "Sanne")
    comes_in(cast, "2", "Sanne", "3511AB")
    assert count(cast.database, Guess) == 4


def guesses_at(cast: Cast, name: str, values: int, now: datetime = NOW) -> None:
    """So many different wrong values for a name, each from a chat of its own."""
    for number in range(values):
        assert tries(cast, arrives(cast, f"{name} {number}"), name, f"{2000 + number}BB", now) == Wrong()


def test_four_wrong_values_for_a_name_are_forgiven(cast: Cast) -> None:
    guesses_at(cast, "Sanne", 4)
    assert tries(cast, arrives(cast, "parent"), "Sanne", "3511AB") == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))


def test_after_five_wrong_values_a_name_needs_a_second_datum(cast: Cast) -> None:
    guesses_at(cast, "Sanne", 5)
    parent = arrives(cast, "parent")
    assert tries(cast, parent, "Sanne", "3511AB") == AskSecond()
    assert adds(cast, parent, "12") == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))
    assert tries(cast, arrives(cast, "other"), "Daan", "3511AB") == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))


def test_after_five_wrong_values_a_code_is_enough(cast: Cast) -> None:
    guesses_at(cast, "Lotte", 5)
    assert tries(cast, arrives(cast, "1"), "Lotte", "3513EF") == AskSecond()
    assert tries(cast, arrives(cast, "2"), *LOTTE) == ChatSignedIn(cast.bakker, BAKKER)


def test_more_words_behind_a_name_are_guesses_at_that_name(cast: Cast) -> None:
    """A child is found by the first word too, so `Sanne a`, `Sanne b` … do not make five chances each."""
    moves_in(cast, "Bos", "Anne-Fleur", last="Bos", house_number="9", postcode="3520XY")
    for number in range(5):
        assert tries(cast, arrives(cast, str(number)), f"Sanne {'abcde'[number]}", f"{2000 + number}BB") == Wrong()
        split = f"{'annefleur'[: number + 1]} {'annefleur'[number + 1 :]}"
        assert tries(cast, arrives(cast, f"fleur {number}"), split, f"{2000 + number}BB") == Wrong()
    for number, (name, secret) in enumerate([("Sanne", "3511AB"), ("Sanne f", "3511AB"), ("Anne Fleur", "3520XY")]):
        assert tries(cast, arrives(cast, f"parent {number}"), name, secret) == AskSecond()


def test_one_wrong_value_typed_five_times_is_one(cast: Cast) -> None:
    for number in range(6):
        assert tries(cast, arrives(cast, str(number)), "Sanne", "2000 bb") == Wrong()
    assert tries(cast, arrives(cast, "parent"), "Sanne", "3511AB") == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))


def test_guesses_from_before_this_round_of_talks_are_forgotten(cast: Cast) -> None:
    guesses_at(cast, "Sanne", 5, OPENS - MINUTE)
    assert tries(cast, arrives(cast, "parent"), "Sanne", "3511AB") == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))


def test_guesses_since_sign_up_opened_count_however_long_ago(cast: Cast) -> None:
    guesses_at(cast, "Sanne", 5, OPENS)
    assert tries(cast, arrives(cast, "parent"), "Sanne", "3511AB") == AskSecond()


def test_between_two_rounds_of_talks_a_month_counts(cast: Cast) -> None:
    cast.database.work(lambda s: s.execute(update(Planning).values(closes=NOW - MINUTE)))
    guesses_at(cast, "Sanne", 5, NOW - timedelta(days=29))
    guesses_at(cast, "Emir", 5, NOW - timedelta(days=31))
    assert tries(cast, arrives(cast, "1"), "Sanne", "3511AB") == AskSecond()
    assert tries(cast, arrives(cast, "2"), "Emir", "3512CD") == ChatSignedIn(cast.yilmaz, ("Elif", "Emir"))


def test_guesses_at_one_school_cost_another_nothing(cast: Cast) -> None:
    guesses_at(cast, "Sanne", 5)
    assert tries(cast, arrives(cast, "1", cast.horizon), "Sanne", "3511AB") == ChatSignedIn(cast.mulder, ("Sanne",))


def test_however_many_guess_at_once_a_name_gives_only_five_chances(cast: Cast) -> None:
    """G1: fifty chats, each with another value, one of them right. Seen under the lock, at the very moment."""

    def guess(chat: int) -> tuple[str, bool]:
        value = "3511AB" if chat == right else f"{1000 + chat}CC"

        def attempt(session: Session) -> tuple[str, bool]:
            outcome = signing_in.give_secret(session, chat, value, NOW, PEPPER)
            different = select(func.count(distinct(col(Guess.value)))).where(col(Guess.school_id) == cast.school)
            return type(outcome).__name__, session.execute(different).scalar_one() < 5

        return cast.database.work(attempt)

    crowd = [arrives(cast, f"guesser {number}") for number in range(40)]
    right = crowd[4]
    for chat in crowd:
        cast.database.work(signing_in.give_first_name, chat, "Sanne", NOW)
    with ThreadPoolExecutor(16) as threads:
        outcomes = Counter(threads.map(guess, crowd))
    lucky = [outcome for outcome in outcomes if outcome[0] != "Wrong"]
    assert lucky in ([("ChatSignedIn", True)], [("AskSecond", False)])
    assert sum(outcomes.values()) == 40
    assert (outcomes["Wrong", True], outcomes["Wrong", False]) == (4, 35)


def administrators(cast: Cast) -> list[int]:
    def add(session: Session) -> list[int]:
        staff = [
            Staff(school_id=cast.school, email="a@regenboog.example", role=Role.ADMINISTRATOR, password="x"),
            Staff(school_id=cast.school, email="b@regenboog.example", role=Role.ADMINISTRATOR, password="x"),
            Staff(school_id=cast.school, email="noor@regenboog.example", role=Role.TEACHER, password="x"),
            Staff(school_id=cast.horizon, email="a@horizon.example", role=Role.ADMINISTRATOR, password="x"),
            Staff(school_id=cast.school, email="gone@x.nl", role=Role.ADMINISTRATOR, password="x", active=False),
        ]
        session.add_all(staff)
        session.flush()
        return [int(one.id or 0) for one in staff]

    return cast.database.work(add)


def alarms(cast: Cast) -> list[tuple[int, int]]:
    """(school, member of staff) of every alarm."""
    of = select(Notice).where(col(Notice.kind) == NoticeKind.ALARM).order_by(col(Notice.recipient_id))
    notices = cast.database.read(lambda session: list(session.scalars(of)))
    assert {notice.recipient for notice in notices} <= {Recipient.STAFF}
    return [(notice.school_id, notice.recipient_id) for notice in notices]


def raid(cast: Cast, failures: int, now: datetime = NOW, name: str = "raid") -> None:
    """So many failures at the school, a few from each chat."""
    for number in range(failures):
        chat = arrives(cast, f"{name} {number // 4}")
        tries(cast, chat, f"kind {number}", "1000AA", now)


def test_fifty_failures_in_an_hour_are_an_alarm_and_then_only_codes_open(cast: Cast) -> None:
    first, second, *_ = administrators(cast)
    raid(cast, 49)
    assert alarms(cast) == []
    assert tries(cast, arrives(cast, "1"), "Sanne", "3511AB") == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))
    raid(cast, 1, name="last")
    assert alarms(cast) == [(cast.school, first), (cast.school, second)]
    chat = arrives(cast, "2")
    assert tries(cast, chat, "Sanne", "3511AB") == CodesOnly(NOW + timedelta(hours=1))
    assert tries(cast, chat, "Nobody", "3511AB") == CodesOnly(NOW + timedelta(hours=1))
    assert tries(cast, chat, *LOTTE) == ChatSignedIn(cast.bakker, BAKKER)
    assert tries(cast, arrives(cast, "3", cast.horizon), "Sanne", "3511AB") == ChatSignedIn(cast.mulder, ("Sanne",))


def test_an_alarm_is_given_once_and_passes(cast: Cast) -> None:
    administrators(cast)
    raid(cast, 70)
    assert len(alarms(cast)) == 2
    hour = NOW + timedelta(hours=1)
    assert tries(cast, arrives(cast, "1"), "Sanne", "3511AB", hour - timedelta(seconds=1)) == CodesOnly(
        NOW + timedelta(hours=1)
    )
    assert tries(cast, arrives(cast, "2"), "Sanne", "3511AB", hour) == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))
    assert len(alarms(cast)) == 2
    raid(cast, 60, hour, "again")
    assert len(alarms(cast)) == 4


def test_fifty_failures_over_two_hours_are_no_alarm(cast: Cast) -> None:
    administrators(cast)
    raid(cast, 40)
    raid(cast, 40, NOW + timedelta(hours=1), "later")
    assert alarms(cast) == []


def test_who_was_asked_a_second_datum_before_an_alarm_needs_a_code_during_it(cast: Cast) -> None:
    moves_in(cast, "Berg", "Sanne", last="Berg", house_number="14", code="ROZEFIETS")
    first, second = arrives(cast, "1"), arrives(cast, "2")
    assert [tries(cast, chat, "Sanne", "3511AB") for chat in (first, second)] == [AskSecond()] * 2
    raid(cast, 50)
    assert adds(cast, first, "12") == CodesOnly(NOW + timedelta(hours=1))
    assert isinstance(adds(cast, second, "roze fiets"), ChatSignedIn)


def test_during_an_alarm_linked_parents_notice_nothing(cast: Cast) -> None:
    """G3: nobody can lock a family out."""
    chat = comes_in(cast, "parent", "Sanne", "3511AB")
    raid(cast, 60)
    wrong(cast, chat, 7, "Emir")
    assert looks(cast, "parent").family == chats.FamilyView(cast.de_vries, "de Vries")
    booked = cast.database.work(
        book,
        cast.school,
        parent(cast.de_vries),
        family_id=cast.de_vries,
        student_id=cast.sanne,
        slot_id=cast.noor_slots[0],
    )
    (_, sanne) = cast.database.read(overview, cast.school, cast.de_vries, NOW)
    assert sanne.talks[0].booking == booked


def test_a_raid_meets_the_caps_exactly(cast: Cast) -> None:
    """G1: chats guess at once; exactly fifty values are tried as postcodes, and then not one more."""
    _raid_of(cast, *((50, 200) if LONG else (14, 7)))


def _raid_of(cast: Cast, chats_: int, guesses: int) -> None:
    administrators(cast)
    crowd = [arrives(cast, f"guesser {number}") for number in range(chats_)]
    values = [f"{1000 + number}DD" for number in range(guesses)]

    def guess(chat: int) -> list[str]:
        return [type(tries(cast, chat, f"kind {chat} {value}", value)).__name__ for value in values]

    with ThreadPoolExecutor(16) as threads:
        outcomes = [outcome for of_chat in threads.map(guess, crowd) for outcome in of_chat]
    found = Counter(outcomes)
    assert found.total() == chats_ * guesses
    assert set(found) <= {"Wrong", "Wait", "CodesOnly"}
    as_postcode = [keyed(PEPPER, SecretKind.POSTCODE, value) for value in values]
    assert count(cast.database, Guess) == 50
    assert count(cast.database, Guess, col(Guess.value).in_(as_postcode)) == 50
    assert len(alarms(cast)) == 2


NAMES = {
    "known": ["Sanne", "Daan", "Emir", "Elif", "Lotte", "Stéphanie", "Sanne de Vries"],
    "unknown": ["Karel", "Fien", "Noor", "Mees", "Zoë", "Annabel", "Karel van Dijk"],
}


def test_an_answer_does_not_tell_who_is_at_this_school(cast: Cast) -> None:
    """G2: the same answer, by the same statements, leaving the same behind; the caps are reached on both sides."""
    ways: dict[str, list[tuple[signing_in.Outcome, list[str], tuple[tuple[str, str, str], int]]]] = {}
    for number in range(60):
        for whose, names in NAMES.items():
            now = NOW + number * 3 * MINUTE  # slow enough for no alarm
            chat = arrives(cast, f"{whose} {number}")
            before = count(cast.database, Guess)
            with statements(cast.database) as texts:
                outcome = tries(cast, chat, names[number % len(names)], f"{3000 + number}EE", now)
            step, kept, secret = step_of(cast.database, chat)
            left = (
                (step, "" if kept == names[number % len(names)] else kept, secret),
                count(cast.database, Guess) - before,
            )
            ways.setdefault(whose, []).append((outcome, texts, left))
    assert ways["known"] == ways["unknown"]
    assert {type(outcome) for outcome, _, _ in ways["known"]} == {Wrong}
    assert {left for _, _, left in ways["known"]} == {((SignInStep.SECRET, "", ""), 1)}


def test_a_school_without_a_kind_of_secret_opens_to_codes_alone(cast: Cast) -> None:
    cast.database.work(lambda s: s.execute(update(School).values(secret_kind=None)))
    assert tries(cast, arrives(cast, "1"), "Sanne", "3511AB") == Wrong()
    assert tries(cast, arrives(cast, "2"), *LOTTE) == ChatSignedIn(cast.bakker, BAKKER)


if LONG:  # timed, and nothing is timed in a quick run: there the statements are compared

    def test_an_answer_takes_equally_long_for_known_and_unknown_names(cast: Cast) -> None:
        """G2, long: 2,000 tries, in turns; the medians differ by less than 5 ms."""
        taken: dict[str, list[float]] = {"known": [], "unknown": []}
        for number in range(1000):
            for whose, names in NAMES.items():
                chat = arrives(cast, f"{whose} {number}")
                began = time.perf_counter()
                outcome = tries(cast, chat, names[number % 7], f"{1000 + number}EE", NOW + number * 3 * MINUTE)
                taken[whose].append(time.perf_counter() - began)
                assert outcome == Wrong()
        medians = [statistics.median(times) for times in taken.values()]
        assert abs(medians[0] - medians[1]) < 0.005
