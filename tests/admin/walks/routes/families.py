"""Families: making them, one by hand, what they type, their letters."""

from collections.abc import Mapping

from sqlmodel import Session, col, select

from storage.access import letters
from storage.access.letter_recipients import LetterSelection
from storage.tables import Chat, Link
from storage.words import ChatKind, SignInStep
from tests.admin.walks.route_table import Ground, Way
from tests.support.cast import NOW, OPERATOR, PEPPER


def with_a_chat(ground: Ground) -> Mapping[str, int]:
    """A phone in Telegram that speaks for the family, the same each time."""

    def come_in(session: Session) -> int:
        own = (
            select(Link.id).join(Chat, col(Chat.id) == col(Link.chat_id)).where(Chat.address == f"9{ground.school_id}")
        )
        if (there := session.exec(own).first()) is not None:
            return there
        chat = Chat(kind=ChatKind.TELEGRAM, address=f"9{ground.school_id}", step=SignInStep.NONE, seen=NOW)
        session.add(chat)
        session.flush()
        link = Link(school_id=ground.school_id, family_id=ground.ids["family_id"], chat_id=chat.id or 0, since=NOW)
        session.add(link)
        session.flush()
        return link.id or 0

    return {"link_id": ground.database.work(come_in)}


def with_a_letter(ground: Ground) -> Mapping[str, int]:
    """A letter of the family that is out, one at most."""
    if ground.database.read(letters.standing, ground.school_id, NOW, ground.ids["family_id"]).out:
        return {}
    choice = LetterSelection(family_id=ground.ids["family_id"])
    ground.database.work(letters.write, ground.school_id, OPERATOR, choice, PEPPER)
    return {}


WAYS = {
    "POST /desk/families/make": Way(),
    "POST /desk/families/together": Way({"family": ["{family_id}", "{other_family_id}"]}),
    "GET /desk/families/together": Way(query={"family": "{family_id}"}),
    "POST /desk/families/apart": Way({"family": ["{family_id}", "{other_family_id}"]}, rows=2),  # one for each family
    "POST /desk/families/secret": Way({"kind": "postcode", "hint": "Uw postcode, bijvoorbeeld 1234 AB"}),
    "POST /desk/families/secret/hint": Way({"hint": "Uw postcode, bijvoorbeeld 1234 AB"}),
    "POST /desk/families/letters": Way(
        {"who": "", "family": "{family_id}", "group": ["{group_id}"], "everybody": "false", "coding": "false"}
    ),
    "POST /desk/families/letters/withdraw": Way(ready=with_a_letter),
    "POST /desk/families/{family_id}/letters/withdraw": Way(ready=with_a_letter),
    "POST /desk/families/{family_id}/name": Way({"name": "de Vries-Bos"}),
    "POST /desk/families/{family_id}/email": Way({"email": "nieuw@example.org"}),
    "POST /desk/families/{family_id}/code": Way({"code": "GROENE-VIJVER-7", "remove": "false"}),
    "POST /desk/families/{family_id}/secret": Way(where={"family_id": "bare_family_id"}),
    "POST /desk/families/{family_id}/block": Way(),
    "POST /desk/families/{family_id}/admit": Way(where={"family_id": "blocked_family_id"}),
    "POST /desk/families/{family_id}/merge": Way({"other": "{other_family_id}"}),
    "POST /desk/families/{family_id}/split": Way({"student": ["{other_student_id}"], "name": "de Vries-Bos"}),
    "POST /desk/families/{family_id}/move": Way(
        {"student": "{other_student_id}", "to": "{other_family_id}", "name": ""}
    ),
    "POST /desk/families/{family_id}/out": Way({"student": "{lotte_id}"}, where={"family_id": "bakker_id"}),
    "POST /desk/families/extra/{student_id}": Way(
        {"to": "{other_family_id}", "name": "", "address": "devries@example.org", "owner": "first"}
    ),
    "GET /desk/families/{family_id}/chats/{link_id}": Way(ready=with_a_chat),
    "POST /desk/families/{family_id}/chats/{link_id}": Way(ready=with_a_chat),
}
