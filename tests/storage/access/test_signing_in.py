"""A child's first name and one datum: who may come in (rules 1-3, 6, 7). The price of guessing: test_guessing."""

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from storage.access import chats, signing_in
from storage.access.signing_in import AskSecond, ChatSignedIn, Incomplete, Wrong
from storage.refusals import Invalid, NotFound, Refused
from storage.tables import Audit, Credential, Family, FamilyStudent, Guess, Link, Notice, School, Student
from storage.values.typed import Lack
from storage.words import Act, ChatKind, NoticeKind, Recipient, SecretKind, SignInStep
from tests.support.arriving import (
    adds,
    arrives,
    comes_in,
    count,
    family_of,
    looks,
    moves_in,
    school_of,
    step_of,
    tries,
    whole_database,
)
from tests.support.cast import NOW, PEPPER, Cast, credential


def test_a_parent_comes_in_however_it_is_typed(cast: Cast) -> None:
    ways = [
        ("Sanne", "3511AB"),
        ("sanne", "3511 ab"),
        ("  SANNE ", " 3511ab. "),
        ("Sanné", "3511-AB"),
        ("Sanne de Vries", "3511 AB"),
        ("Sanne", "3511 AB 12"),
        ("daan", "3511ab"),
    ]
    for number, (name, secret) in enumerate(ways):
        chat = arrives(cast, str(number))
        assert tries(cast, chat, name, secret) == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))
        assert looks(cast, str(number)).family == chats.FamilyView(cast.de_vries, "de Vries")
        assert looks(cast, str(number)).step is SignInStep.NONE


def test_accents_may_be_left_out(cast: Cast) -> None:
    for number, name in enumerate(("Stéphanie", "stephanie", "STEPHANIE", "Ste\u0301phanie", "Stéphanie Smit")):
        assert tries(cast, arrives(cast, str(number)), name, "3514 gh") == ChatSignedIn(cast.smit, ("Stéphanie",))


def test_a_birth_date_may_be_written_in_any_notation(cast: Cast) -> None:
    def by_birth_date(session: Session) -> None:
        session.execute(update(School).where(col(School.id) == cast.school).values(secret_kind=SecretKind.BIRTH_DATE))
        kept = {"kind": SecretKind.BIRTH_DATE, "value": credential(SecretKind.BIRTH_DATE, "2014-05-03")}
        session.execute(update(Credential).where(col(Credential.student_id) == cast.daan).values(kept))

    cast.database.work(by_birth_date)
    for number, date in enumerate(("2014-05-03", "3-5-2014", "03/05/14", "3 mei 2014", "03052014")):
        assert tries(cast, arrives(cast, str(number)), "Daan", date) == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))


def test_a_student_number_needs_no_leading_zeros(cast: Cast) -> None:
    def by_number(session: Session) -> None:
        of_school = col(School.id) == cast.school
        session.execute(update(School).where(of_school).values(secret_kind=SecretKind.STUDENT_NUMBER))
        kept = {"kind": SecretKind.STUDENT_NUMBER, "value": credential(SecretKind.STUDENT_NUMBER, "712")}
        session.execute(update(Credential).where(col(Credential.student_id) == cast.daan).values(kept))

    cast.database.work(by_number)
    assert tries(cast, arrives(cast, "1"), "Daan", "000712") == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))


def test_a_child_comes_by_its_call_name_and_by_its_first_given_name(cast: Cast) -> None:
    family, _ = moves_in(cast, "Postma", "Wilhelmina", last="Postma", call_name="Mientje", postcode="3515KL")
    for address, name in enumerate(("Mientje", "wilhelmina", "Wilhelmina Johanna Maria", "mientje postma")):
        assert tries(cast, arrives(cast, str(address)), name, "3515KL") == ChatSignedIn(family, ("Mientje",))


def test_a_name_of_two_words_may_be_written_as_one(cast: Cast) -> None:
    family, _ = moves_in(cast, "Postma", "Anne-Fleur", last="Postma", postcode="3515KL")
    for address, name in enumerate(("Anne Fleur", "annefleur", "Anne-fleur")):
        assert tries(cast, arrives(cast, str(address)), name, "3515KL") == ChatSignedIn(family, ("Anne-Fleur",))


def test_a_whole_name_goes_before_its_first_word(cast: Cast) -> None:
    """`Sanne Lot` is not Sanne, where the school has both with one postcode."""
    family, _ = moves_in(cast, "Postma", "Sanne Lot", last="Postma")
    assert tries(cast, arrives(cast, "1"), "Sanne Lot", "3511AB") == ChatSignedIn(family, ("Sanne Lot",))


def test_a_wrong_name_is_a_wrong_secret(cast: Cast) -> None:
    wrong = [
        ("Sanne", "3511AC"),
        ("Nobody", "3511AB"),
        ("Nobody", "9999ZZ"),
        ("Emir", "3511AB"),
        ("7", "weetikniet"),
    ]
    for number, (name, secret) in enumerate(wrong):
        chat = arrives(cast, str(number))
        assert tries(cast, chat, name, secret) == Wrong()
        assert step_of(cast.database, chat) == (SignInStep.SECRET, name, ""), "the name is kept"
        assert looks(cast, str(number)).family is None


def test_what_cannot_be_a_name_is_said_so(cast: Cast) -> None:
    chat = arrives(cast, "1")
    for text in ("", "   ", "?!", "🙂", "a" * 81):
        with pytest.raises(Refused) as caught:
            cast.database.work(signing_in.give_first_name, chat, text, NOW)
        assert caught.value.refusal == Invalid("Please type only your child's first name.")
        assert looks(cast, "1").step is SignInStep.FIRST_NAME


def test_a_secret_is_only_taken_after_a_name(cast: Cast) -> None:
    chat = arrives(cast, "1")
    for give in (signing_in.give_secret, signing_in.give_second):
        with pytest.raises(Refused) as caught:
            cast.database.work(give, chat, "3511AB", NOW, PEPPER)
        assert caught.value.refusal == NotFound("question")


def test_a_chat_at_no_school_cannot_sign_in(cast: Cast) -> None:
    nowhere = cast.database.work(chats.visit, ChatKind.TELEGRAM, "1", "nl", NOW).chat_id
    with pytest.raises(Refused) as caught:
        cast.database.work(signing_in.give_first_name, nowhere, "Sanne", NOW)
    assert caught.value.refusal == NotFound("school")


def test_twins_come_in_by_either_name(cast: Cast) -> None:
    for address, name in enumerate(("Emir", "Elif", "elif yilmaz")):
        assert tries(cast, arrives(cast, str(address)), name, "3512CD") == ChatSignedIn(cast.yilmaz, ("Elif", "Emir"))


def test_two_children_of_one_name_in_one_family_need_no_more(cast: Cast) -> None:
    moves_in(cast, "", "Sanne", last="Bos", family_id=cast.de_vries)
    assert tries(cast, arrives(cast, "1"), "Sanne", "3511AB") == ChatSignedIn(cast.de_vries, ("Daan", "Sanne", "Sanne"))


@pytest.fixture
def namesakes(cast: Cast) -> tuple[int, int]:
    """Another Sanne with the same postcode: (her family, the De Vries)."""
    family, _ = moves_in(
        cast, "van den Berg", "Sanne", "van den", "Berg", house_number="14-2", group="groep7", code="ROZEFIETS"
    )
    return family, cast.de_vries


def test_where_two_families_fit_one_more_datum_tells_them_apart(cast: Cast, namesakes: tuple[int, int]) -> None:
    of_the_first = (
        "14-2",
        "14 2",
        "nr. 14/2",
        "Berg",
        "van den berg",
        "Van Den Berg",
        "groep 7",
        "klas 7",
        "Groep7",
        "roze fiets",
    )
    of_the_second = ("12", "huisnummer 12", "vries", "de Vries", "Groep 4")
    for family, texts in zip(namesakes, (of_the_first, of_the_second), strict=True):
        for text in texts:
            chat = arrives(cast, text)
            assert tries(cast, chat, "Sanne", "3511AB") == AskSecond()
            adds(cast, chat, text)
            assert family_of(cast, text).id == family


@pytest.mark.parametrize(
    ("kind", "typed", "what"),
    [
        (SecretKind.POSTCODE, "12", Lack.POSTCODE),
        (SecretKind.POSTCODE, "?", Lack.POSTCODE),
        (SecretKind.POSTCODE_HOUSE_NUMBER, "3511 AB", Lack.HOUSE_NUMBER),
        (SecretKind.POSTCODE_HOUSE_NUMBER, "3511AB, Utrecht", Lack.HOUSE_NUMBER),
        (SecretKind.POSTCODE_HOUSE_NUMBER, "nr 12", Lack.POSTCODE),
        (SecretKind.POSTCODE_HOUSE_NUMBER, "hoi", Lack.BOTH),
        (SecretKind.BIRTH_DATE, "31-02-2017", Lack.REAL_DATE),
        (SecretKind.BIRTH_DATE, "3511AB", Lack.DATE),
        (SecretKind.STUDENT_NUMBER, "Sanne", Lack.NUMBER),
    ],
)
def test_what_cannot_be_of_the_schools_kind_counts_for_nothing(
    cast: Cast, kind: SecretKind, typed: str, what: Lack
) -> None:
    cast.database.work(lambda session: session.execute(update(School).values(secret_kind=kind)))
    for name in ("Sanne", "Nobody"):
        chat = arrives(cast, name)
        for _ in range(9):
            outcome = tries(cast, chat, name, typed)
            assert isinstance(outcome, Incomplete)
            assert outcome.lacking.what is what
        assert step_of(cast.database, chat) == (SignInStep.SECRET, name, "")
    assert count(cast.database, Guess) == 0


def test_twenty_five_parents_who_forget_the_house_number_lock_nobody(cast: Cast) -> None:
    cast.database.work(lambda s: s.execute(update(School).values(secret_kind=SecretKind.POSTCODE_HOUSE_NUMBER)))
    for number in range(25):
        chat = arrives(cast, str(number))
        for _ in range(3):
            outcome = tries(cast, chat, "Sanne", f"{3500 + number}AB")
            assert isinstance(outcome, Incomplete)
            assert outcome.lacking.example == f"{3500 + number}AB 12"
    assert count(cast.database, Guess) == 0


def test_a_familys_own_code_is_taken_whatever_is_asked(cast: Cast) -> None:
    for number, kind in enumerate((SecretKind.BIRTH_DATE, SecretKind.POSTCODE_HOUSE_NUMBER, SecretKind.STUDENT_NUMBER)):
        cast.database.work(_asks_for, kind)
        assert tries(cast, arrives(cast, f"{number}"), "Lotte", "Blauwe olifant") == ChatSignedIn(
            cast.bakker, ("Lotte",)
        )


def _asks_for(session: Session, kind: SecretKind) -> None:
    session.execute(update(School).values(secret_kind=kind))


def test_the_same_wrong_value_again_is_one_guess(cast: Cast) -> None:
    chat = arrives(cast, "1")
    assert [tries(cast, chat, "Sanne", "3511AC") for _ in range(9)] == [Wrong()] * 9
    assert count(cast.database, Guess) == 1


@pytest.mark.parametrize(
    ("first", "prefix", "last", "typed"),
    [
        ("Jan-Willem", "", "Smit", ("Jan Willem Smit", "jan-willem", "Jan  Willem", "JanWillem", "Jan-Willem Smit")),
        ("Anne Sophie", "", "Bos", ("Anne Sophie Bos", "Anne-Sophie", "annesophie")),
        ("Marieke", "de", "Vries", ("Marieke de Vries", "marieke vries", "Marieke")),
        ("Zoë", "van den", "Berg", ("Zoe van den Berg", "zoë")),
    ],
)
def test_a_child_is_found_by_its_first_name_and_whatever_of_its_last_is_typed_behind_it(
    cast: Cast, first: str, prefix: str, last: str, typed: tuple[str, ...]
) -> None:
    moves_in(cast, last, first, prefix, last, postcode="1012AB")
    for number, name in enumerate(typed):
        outcome = tries(cast, arrives(cast, f"{number}"), name, "postcode 1012 ab, Amsterdam")
        assert isinstance(outcome, ChatSignedIn), name


def test_of_two_names_that_fit_the_longer_one_counts(cast: Cast) -> None:
    moves_in(cast, "Smit", "Jan", last="Smit", postcode="1012AB")
    longer, _ = moves_in(cast, "Bos", "Jan Willem", last="Bos", postcode="1012AB")
    outcome = tries(cast, arrives(cast, "1"), "Jan Willem", "1012AB")
    assert isinstance(outcome, ChatSignedIn)
    assert outcome.family_id == longer


def test_the_limit_of_a_school_grows_with_its_families(cast: Cast) -> None:
    def many(session: Session) -> None:
        session.add_all([Family(school_id=cast.school, name=f"familie {number}") for number in range(400)])

    cast.database.work(many)
    for number in range(60):
        tries(cast, arrives(cast, f"{number}"), f"kind {number}", "1000AA")
    assert tries(cast, arrives(cast, "parent"), "Sanne", "3511AB") == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))


def test_a_wrong_second_datum_is_wrong_and_the_secret_is_asked_again(cast: Cast, namesakes: tuple[int, int]) -> None:
    for text in ("13", "142", "Jansen", "groep 5", "", "?", "3511AB", "sanne"):
        chat = arrives(cast, text)
        assert tries(cast, chat, "Sanne", "3511AB") == AskSecond()
        assert adds(cast, chat, text) == Wrong()
        assert step_of(cast.database, chat) == (SignInStep.SECRET, "Sanne", "")
        assert adds(cast, chat, "12") == Wrong(), "what told the families apart is not remembered"
        assert looks(cast, text).family is None


def test_what_both_families_share_tells_nothing_apart(cast: Cast) -> None:
    moves_in(cast, "de Vries", "Sanne", "de", "Vries", house_number="40", group="groep4")
    chat = arrives(cast, "1")
    for shared in ("de Vries", "groep 4"):
        assert tries(cast, chat, "Sanne", "3511AB") == AskSecond()
        assert adds(cast, chat, shared) == Wrong()
    tries(cast, chat, "Sanne", "3511AB")
    assert adds(cast, chat, "12") == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))


def test_an_own_code_needs_no_second_datum(cast: Cast, namesakes: tuple[int, int]) -> None:
    assert tries(cast, arrives(cast, "1"), "Sanne", "Roze-Fiets") == ChatSignedIn(namesakes[0], ("Sanne",))


def test_a_child_of_two_families_opens_the_first_by_postcode_and_the_second_by_its_code_alone(cast: Cast) -> None:
    assert tries(cast, arrives(cast, "1"), "Lotte", "3513 EF") == ChatSignedIn(cast.jansen, ("Lotte",))
    assert tries(cast, arrives(cast, "2"), "lotte", "blauwe olifant") == ChatSignedIn(cast.bakker, ("Lotte",))
    assert (family_of(cast, "1").name, family_of(cast, "2").name) == ("Jansen", "Bakker")


def test_a_family_without_a_secret_of_its_own_cannot_be_opened(cast: Cast) -> None:
    """Rule 1: the child's datum is the first family's; it does not open the second beside it."""

    def third_family(session: Session) -> None:
        family = Family(school_id=cast.school, name="Derde")
        session.add(family)
        session.flush()
        session.add(FamilyStudent(school_id=cast.school, family_id=family.id or 0, student_id=cast.lotte))

    cast.database.work(third_family)
    assert tries(cast, arrives(cast, "1"), "Lotte", "3513EF") == ChatSignedIn(cast.jansen, ("Lotte",))


def test_a_code_of_one_family_does_not_open_another(cast: Cast) -> None:
    assert tries(cast, arrives(cast, "1"), "Sanne", "blauwe-olifant") == Wrong()


def test_a_blocked_family_cannot_come_in_and_its_child_s_other_family_can(cast: Cast) -> None:
    cast.database.work(lambda s: s.execute(update(Family).where(col(Family.id) == cast.jansen).values(blocked=True)))
    assert tries(cast, arrives(cast, "1"), "Lotte", "3513EF") == Wrong()
    assert tries(cast, arrives(cast, "2"), "Lotte", "blauwe-olifant") == ChatSignedIn(cast.bakker, ("Lotte",))


def test_a_family_that_is_blocked_while_a_second_datum_is_asked_stays_out(
    cast: Cast, namesakes: tuple[int, int]
) -> None:
    chat = arrives(cast, "1")
    tries(cast, chat, "Sanne", "3511AB")
    block = update(Family).where(col(Family.id) == namesakes[0]).values(blocked=True)
    cast.database.work(lambda session: session.execute(block))
    assert adds(cast, chat, "14-2") == Wrong()


def test_a_child_that_left_opens_nothing(cast: Cast) -> None:
    cast.database.work(lambda s: s.execute(update(Student).where(col(Student.id) == cast.sanne).values(left=NOW)))
    assert tries(cast, arrives(cast, "1"), "Sanne", "3511AB") == Wrong()
    assert tries(cast, arrives(cast, "1"), "Daan", "3511AB") == ChatSignedIn(cast.de_vries, ("Daan",))


def test_two_schools_with_one_name_and_postcode_never_cross(cast: Cast) -> None:
    here, there = arrives(cast, "1"), arrives(cast, "2", school=cast.horizon)
    assert tries(cast, here, "Sanne", "3511AB") == ChatSignedIn(cast.de_vries, ("Daan", "Sanne"))
    assert tries(cast, there, "Sanne", "3511AB") == ChatSignedIn(cast.mulder, ("Sanne",))
    assert tries(cast, arrives(cast, "3", school=cast.horizon), "Daan", "3511AB") == Wrong()
    assert [school_of(cast, address).slug for address in "123"] == ["regenboog", "horizon", "horizon"]


def test_the_other_chats_of_a_family_are_told_of_a_new_one(cast: Cast) -> None:
    first = comes_in(cast, "1", "Sanne", "3511AB")
    web = comes_in(cast, "web", "Daan", "3511AB", ChatKind.WEB)
    stranger = comes_in(cast, "2", "Emir", "3512CD")
    third = comes_in(cast, "3", "Daan", "3511AB")
    assert [chat for _, chat in _told(cast)] == [first, first, web]
    assert not {stranger, third} & {chat for _, chat in _told(cast)}


def test_a_family_without_a_phone_in_telegram_hears_by_mail_that_somebody_came_in(cast: Cast) -> None:
    for address, mails in (("web", 1), ("web 2", 2)):
        comes_in(cast, address, "Daan", "3511AB", ChatKind.WEB)
        assert _mailed(cast) == [cast.de_vries] * mails
    comes_in(cast, "1", "Sanne", "3511AB")
    comes_in(cast, "2", "Sanne", "3511AB")
    assert len(_mailed(cast)) == 3, "the fourth is told in the chat of the third"


def test_coming_in_twice_is_told_once(cast: Cast) -> None:
    comes_in(cast, "1", "Sanne", "3511AB")
    comes_in(cast, "2", "Sanne", "3511AB")
    comes_in(cast, "2", "Daan", "3511AB")
    assert (len(_told(cast)), count(cast.database, Link)) == (1, 2)


def test_whoever_comes_after_somebody_logged_out_is_told_of_too(cast: Cast) -> None:
    """Also where the database gives the old link's number out again."""
    first = comes_in(cast, "1", "Sanne", "3511AB")
    gone = comes_in(cast, "2", "Sanne", "3511AB")
    cast.database.work(chats.log_out, gone, NOW)
    comes_in(cast, "3", "Sanne", "3511AB")
    assert _told(cast) == [(cast.de_vries, first)] * 2


def test_coming_in_is_in_the_audit_trail_once(cast: Cast) -> None:
    comes_in(cast, "1", "Sanne", "3511AB")
    comes_in(cast, "1", "Daan", "3511AB")
    trail = select(col(Audit.act), col(Audit.actor_id), col(Audit.subject), col(Audit.detail))
    rows = [tuple(row) for row in cast.database.read(lambda session: session.execute(trail).all())]
    assert rows == [(Act.LINKED, cast.de_vries, cast.de_vries, {})]


def test_nothing_that_was_typed_is_kept_in_the_clear(cast: Cast, namesakes: tuple[int, int]) -> None:
    cast.database.work(lambda s: s.execute(update(Student).values(postcode="", house_number="")))
    chat = arrives(cast, "1")
    assert tries(cast, chat, "Karel", "9876 zx") == Wrong()
    assert tries(cast, chat, "Lotte", "blauwe-olifant") == ChatSignedIn(cast.bakker, ("Lotte",))
    assert tries(cast, chat, "Sanne", "3511 ab") == AskSecond()
    kept = whole_database(cast.database).upper()
    assert cast.database.url.upper() not in kept
    typed = ("KAREL", "9876", "BLAUWE", "OLIFANT", "3511AB", "3511 AB")
    assert [text for text in typed if text in kept] == []
    assert "LOTTE" in kept


def _told(cast: Cast) -> list[tuple[int, int]]:
    """(family, chat) of every chat that is told that another came in; there are no notices of another kind."""
    return [(notice.subject, notice.recipient_id) for notice in _notices(cast) if notice.recipient is Recipient.CHAT]


def _mailed(cast: Cast) -> list[int]:
    """The families that are mailed the same."""
    return [notice.recipient_id for notice in _notices(cast) if notice.recipient is Recipient.FAMILY]


def _notices(cast: Cast) -> list[Notice]:
    of = select(Notice).order_by(col(Notice.id))
    notices = cast.database.read(lambda session: list(session.scalars(of)))
    assert {notice.kind for notice in notices} <= {NoticeKind.LINKED}
    return notices
