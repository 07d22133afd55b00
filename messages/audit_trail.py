"""What was done, as the audit trail tells it: a label and a sentence for every act (D27).

The sentence begins where the name of who did it ends. Names of whoever was erased are not known any more: it says so.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from messages import labels
from messages.text import Words
from storage.audit.trail import Deed
from storage.msgids import N_
from storage.words import Act, Actor, PlanningState, Role, SecretKind, SlotState

# What the acts are about, for choosing: a heading, and the acts with their labels.
TOPICS: Mapping[str, Mapping[Act, str]] = {
    N_("Talks"): {
        Act.BOOKED: N_("talk booked"),
        Act.MOVED: N_("talk moved"),
        Act.CANCELLED: N_("talk cancelled"),
    },
    N_("Students"): {
        Act.IMPORTED: N_("list imported"),
        Act.STUDENT_CHANGED: N_("student changed"),
        Act.STUDENTS_LEFT: N_("student has left"),
        Act.CAME_BACK: N_("student is back"),
        Act.MOVED_UP: N_("school went up a year"),
    },
    N_("Families"): {
        Act.FAMILIES_MADE: N_("families made"),
        Act.FAMILY_CHANGED: N_("family changed"),
        Act.FAMILY_BLOCKED: N_("family blocked"),
        Act.FAMILY_ADMITTED: N_("family let in again"),
        Act.SECRET_CHOSEN: N_("kind of secret chosen"),
        Act.LINKED: N_("chat came in"),
        Act.UNLINKED: N_("chat went out"),
        Act.LETTERS_MADE: N_("letters made"),
        Act.LETTERS_WITHDRAWN: N_("letters withdrawn"),
        Act.PARENTS_INVITED: N_("parents invited"),
    },
    N_("Plannings"): {
        Act.PLANNING_MADE: N_("planning made"),
        Act.PLANNING_CHANGED: N_("planning changed"),
        Act.PLANNING_REMOVED: N_("planning removed"),
        Act.PUBLISHED: N_("planning published"),
        Act.SLOTS_ADDED: N_("times added"),
        Act.SLOT_CHANGED: N_("time changed"),
        Act.SLOT_REMOVED: N_("time removed"),
    },
    N_("Staff"): {
        Act.SIGNED_IN: N_("signed in"),
        Act.STAFF_ADDED: N_("account made"),
        Act.STAFF_INVITED: N_("colleague invited"),
        Act.INVITATION_WITHDRAWN: N_("invitation withdrawn"),
        Act.STAFF_CHANGED: N_("account changed"),
        Act.STAFF_DISABLED: N_("account closed"),
        Act.STAFF_ADMITTED: N_("account opened again"),
        Act.LINK_SENT: N_("link for a new password sent"),
        Act.PASSWORD_CHANGED: N_("password changed"),
        Act.SECOND_FACTOR_SET: N_("second factor set"),
        Act.SECOND_FACTOR_REMOVED: N_("second factor removed"),
        Act.SIGNED_OUT_EVERYWHERE: N_("signed out everywhere"),
    },
    N_("The school and its data"): {
        Act.SCHOOL_CHANGED: N_("settings changed"),
        Act.EXPORTED: N_("file made"),
        Act.FEED_RENEWED: N_("calendar address renewed"),
        Act.ERASED: N_("erased for good"),
        Act.FORGOTTEN: N_("cleared away by itself"),
    },
}
_SENTENCES: Mapping[Act, str] = {
    Act.BOOKED: N_("booked a talk for %(student)s (family %(family)s), %(planning)s: %(start)s"),
    Act.MOVED: N_("moved the talk of %(student)s (family %(family)s), %(planning)s: from %(from_start)s to %(start)s"),
    Act.CANCELLED: N_("cancelled the talk of %(student)s (family %(family)s), %(planning)s: %(start)s"),
    Act.LINKED: N_("came into the chat as the family %(family)s"),
    Act.UNLINKED: N_("logged a chat of the family %(family)s out"),
    Act.IMPORTED: N_("imported a list: %(new)s new, %(changed)s changed"),
    Act.FAMILIES_MADE: N_("had families made: %(families)s new; children who joined one: %(joined)s"),
    Act.FAMILY_CHANGED: N_("changed the family %(family)s"),
    Act.FAMILY_BLOCKED: N_("blocked the family %(family)s"),
    Act.FAMILY_ADMITTED: N_("let the family %(family)s in again"),
    Act.SECRET_CHOSEN: N_("chose what families type to come in: %(kind)s"),
    Act.STUDENT_CHANGED: N_("changed the data of %(student)s"),
    Act.PLANNING_MADE: N_("made the planning %(planning)s"),
    Act.PLANNING_CHANGED: N_("changed the planning %(planning)s"),
    Act.PLANNING_REMOVED: N_("removed a planning"),
    Act.PUBLISHED: N_("published the planning %(planning)s"),
    Act.SLOTS_ADDED: N_("added times to the planning %(planning)s: %(count)s"),
    Act.SLOT_CHANGED: N_("changed a time of the planning %(planning)s"),
    Act.SLOT_REMOVED: N_("removed a time from the planning %(planning)s"),
    Act.EXPORTED: N_("made a file of the bookings"),
    Act.STAFF_ADDED: N_("made an account for %(staff)s (%(role)s)"),
    Act.STAFF_DISABLED: N_("closed the account of %(staff)s"),
    Act.STAFF_ADMITTED: N_("opened the account of %(staff)s again"),
    Act.PASSWORD_CHANGED: N_("chose a new password for %(staff)s"),
    Act.SIGNED_IN: N_("signed in at the desk"),
    Act.SCHOOL_CHANGED: N_("changed the settings of the school"),
    Act.STAFF_INVITED: N_("invited %(staff)s to the desk"),
    Act.STAFF_CHANGED: N_("changed the account of %(staff)s (%(role)s)"),
    Act.INVITATION_WITHDRAWN: N_("withdrew the invitation of %(staff)s"),
    Act.LINK_SENT: N_("had %(staff)s sent a link for a new password"),
    Act.SECOND_FACTOR_SET: N_("set a second factor for %(staff)s"),
    Act.SECOND_FACTOR_REMOVED: N_("removed the second factor of %(staff)s"),
    Act.SIGNED_OUT_EVERYWHERE: N_("signed %(staff)s out everywhere"),
    Act.FEED_RENEWED: N_("renewed the calendar address of %(whose)s"),
    Act.LETTERS_MADE: N_("made letters for families: %(letters)s"),
    Act.LETTERS_WITHDRAWN: N_("withdrew letters: %(letters)s"),
    Act.PARENTS_INVITED: N_("invited parents to sign up"),
    Act.STUDENTS_LEFT: N_("noted that %(student)s has left the school"),
    Act.CAME_BACK: N_("noted that %(student)s is at school again"),
    Act.MOVED_UP: N_("let the school go up a year; children in another group: %(moved)s, leavers: %(left)s"),
    Act.ERASED: N_("erased somebody for good"),
    Act.FORGOTTEN: N_("cleared away what was kept long enough; talks: %(bookings)s, leavers: %(students)s"),
}
# Where a key of the detail says more precisely what it was.
_CLOSER: Mapping[Act, tuple[str, Mapping[str, str]]] = {
    Act.FAMILY_CHANGED: (
        "change",
        {
            "moved": N_("put %(student)s in the family %(family)s"),
            "taken_out": N_("took %(student)s out of the family %(family)s"),
            "added": N_("put %(student)s in one more family: %(family)s"),
            "merged": N_("made one family of two: %(family)s"),
            "split": N_("gave some children a family of their own: %(family)s"),
            "kept_apart": N_("looked at the family %(family)s: it stays apart"),
            "renamed": N_("gave the family %(family)s its name"),
            "email": N_("changed the e-mail address of the family %(family)s"),
            "code": N_("gave the family %(family)s a code of its own"),
            "code_removed": N_("took the code of the family %(family)s away"),
            "secret": N_("gave the family %(family)s the school's kind of secret"),
        },
    ),
    Act.STUDENT_CHANGED: ("change", {"enrolled": N_("added the student %(student)s")}),
    Act.PLANNING_CHANGED: (
        "state",
        {str(PlanningState.DRAFT): N_("took the planning %(planning)s back: parents no longer see it")},
    ),
    Act.SLOT_CHANGED: (
        "state",
        {
            str(SlotState.BREAK): N_("made a time of the planning %(planning)s a break"),
            str(SlotState.OPEN): N_("opened a time of the planning %(planning)s"),
        },
    ),
    Act.EXPORTED: (
        "what",
        {
            "family": N_("made a file of all that is known of the family %(family)s"),
            "audit": N_("made a file of the audit trail"),
        },
    ),
    Act.ERASED: ("what", {"student": N_("erased a student for good"), "family": N_("erased a family for good")}),
}  # fmt: skip
_CONFERENCE: Mapping[Act, str] = {
    Act.PLANNING_MADE: N_("made the round %(conference)s"),
    Act.PLANNING_CHANGED: N_("changed the round %(conference)s"),
    Act.PLANNING_REMOVED: N_("removed a round"),
}
# Said of a family's own doing: its name stands there already.
_OWN: Mapping[Act, str] = {
    Act.BOOKED: N_("booked a talk for %(student)s, %(planning)s: %(start)s"),
    Act.MOVED: N_("moved the talk of %(student)s, %(planning)s: from %(from_start)s to %(start)s"),
    Act.CANCELLED: N_("cancelled the talk of %(student)s, %(planning)s: %(start)s"),
    Act.LINKED: N_("came into the chat"),
    Act.UNLINKED: N_("logged a chat out"),
}
_ACTORS: Mapping[Actor, str] = {
    Actor.FAMILY: N_("a family"),
    Actor.STAFF: N_("somebody of the school"),
    Actor.OPERATOR: N_("the administrator of the installation"),
    Actor.CLOCK: N_("the clock"),
}
ROLES: Mapping[str, str] = {Role.ADMINISTRATOR: N_("administrator"), Role.TEACHER: N_("teacher")}
_NAMES = ("student", "family", "other", "out", "planning", "conference", "teacher", "group", "staff")
_COUNTS = (
    "new", "changed", "left", "families", "joined", "count", "letters", "moved", "bookings", "students"
)  # fmt: skip
ERASED = N_("(erased)")


def label(act: Act, words: Words) -> str:
    """`talk booked`."""
    return words.say(next(labels[act] for labels in TOPICS.values() if act in labels))


def who(deed: Deed, words: Words) -> str:
    """Who did it: a name, `Family de Vries`, or what is left to say."""
    if deed.actor is Actor.FAMILY and deed.who:
        return words.say("Family %(name)s", name=deed.who)
    return deed.who or words.say(_ACTORS[deed.actor])


def sentence(deed: Deed, words: Words, zone: str) -> str:
    """`booked a talk for Sanne de Vries (family de Vries), Groep 4: Tuesday 24 November, 18:00`."""
    return words.say(_message(deed)) % _values(deed, words, zone)


def _message(deed: Deed) -> str:
    if deed.actor is Actor.FAMILY and deed.act in _OWN:
        return _OWN[deed.act]
    if deed.act is Act.STUDENT_CHANGED and deed.detail.get("fields"):
        return N_("changed the data of %(student)s: %(fields)s")
    key, closer = _CLOSER.get(deed.act, ("", {}))
    said = closer.get(str(deed.detail.get(key)))
    if said is None and "conference" in deed.detail:
        said = _CONFERENCE.get(deed.act)
    return said or _SENTENCES[deed.act]


def _values(deed: Deed, words: Words, zone: str) -> dict[str, str]:
    """Every place that a sentence may have."""
    gone = words.say(ERASED)
    values = {place: deed.names.get(place) or gone for place in _NAMES}
    values |= {place: str(deed.detail.get(place, 0)) for place in _COUNTS}
    values |= {place: _moment(deed.detail.get(place), words, zone) for place in ("start", "from_start")}
    values["role"] = words.say(ROLES.get(str(deed.detail.get("role")), "")) or "–"
    fields = deed.detail.get("fields")
    values["fields"] = ", ".join(labels.field(str(one), words) for one in fields) if isinstance(fields, list) else "–"
    values["whose"] = next((deed.names[kind] for kind in ("teacher", "group") if deed.names.get(kind)), gone)
    kind = str(deed.detail.get("kind"))
    values["kind"] = labels.kind(SecretKind(kind), words) if kind in set(SecretKind) else "–"
    return values


def _moment(value: Any, words: Words, zone: str) -> str:
    try:
        return words.stamp(datetime.fromisoformat(value), zone)
    except (TypeError, ValueError):
        return "–"
