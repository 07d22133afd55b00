"""A talk's calendar file, sent into a Telegram chat that asks for it (P10); a browser page has links instead."""

from bot.screens import overview
from bot.screens.scene import ChatNotSignedIn, Draw, Scene, words_of
from storage.booking.calendar_files import ask_for_files


def send(scene: Scene, family_id: int, booking_id: int) -> Draw:
    """One talk's file. Raises Refused(NotFound)."""
    school, family = scene.family(family_id)
    ask_for_files(scene.session, school.id, scene.acting(family), family.id, booking_id)
    return _coming(scene, 1)


def send_all(scene: Scene) -> Draw:
    """The files of all talks to come of the family in view. Raises Refused(NotFound)."""
    family = scene.visitor.family
    if family is None:
        raise ChatNotSignedIn
    school, _ = scene.family(family.id)
    return _coming(scene, ask_for_files(scene.session, school.id, scene.acting(family), family.id))


def _coming(scene: Scene, number: int) -> Draw:
    said = words_of(scene.visitor)
    one, many = (
        "Here comes the file. Open it, and the talk is in your calendar.",
        "Here come %(number)s files. Open them, and the talks are in your calendar.",
    )
    return overview.show(scene, news=overview.OverviewNews(said.count(one, many, number)))
