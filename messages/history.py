"""What was done to one child, told from the rows of the audit trail. It decides nothing and names no other child."""

from datetime import datetime

from messages import people
from messages.marking import N_
from messages.text import Words
from storage.people.about import Told
from storage.words import Act, Actor

_ACTORS = {
    Actor.FAMILY: N_("a parent"),
    Actor.STAFF: N_("somebody of the school"),
    Actor.OPERATOR: N_("the operator"),
    Actor.CLOCK: N_("by itself"),
}
_ACTS = {
    Act.STUDENTS_LEFT: N_("Left school"),
    Act.CAME_BACK: N_("Came back at school"),
    Act.STUDENT_CHANGED: N_("Data changed"),
    Act.FAMILY_CHANGED: N_("Family changed"),
}
_TALKS = {
    Act.BOOKED: N_("Talk booked: %(moment)s"),
    Act.MOVED: N_("Talk moved to %(moment)s"),
    Act.CANCELLED: N_("Talk cancelled: %(moment)s"),
}
_FAMILIES = {
    "moved": N_("Put in another family"),
    "taken_out": N_("Taken out of a family"),
    "added": N_("Put in one more family"),
}


def done(row: Told, words: Words, zone: str) -> str:
    """`Talk moved to Tuesday 24 November 18:20`, `Data changed: postcode, house number`."""
    if row.act in _TALKS:
        return words.say(_TALKS[row.act], moment=words.moment(datetime.fromisoformat(row.detail["start"]), zone))
    change = row.detail.get("change", "")
    if row.act is Act.FAMILY_CHANGED and change in _FAMILIES:
        return words.say(_FAMILIES[change])
    if change == "enrolled":
        return words.say("Added by hand")
    fields = [people.field(name, words) for name in row.detail.get("fields", ())]
    if fields:
        return words.say("Data changed: %(fields)s", fields=", ".join(fields))
    return words.say(_ACTS[row.act])


def who(row: Told, words: Words) -> str:
    """The name of a colleague, or what kind of person it was."""
    return row.who or words.say(_ACTORS[row.actor])
