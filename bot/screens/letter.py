"""Coming in with a letter of the school: no question is asked, for the code in it signs one chat in (D25)."""

from bot.screens import arrive, overview, settings
from bot.screens.scene import Draw, Scene, language_of, with_alert
from messages.refusals import sentence
from messages.text import words
from storage.access.letters import use
from storage.refusals import Refused


def come_in(scene: Scene, slug: str, token: str) -> Draw:
    """In, with a greeting; else where the chat stands at that school, with why not. The token leaves the chat."""
    school = arrive.by_link(scene, slug)
    if school is None:
        return arrive.ask(scene, trouble="link")
    try:
        children = use(scene.session, school.id, scene.visitor.chat_id, token, scene.now)
    except Refused as refused:
        again = scene.again()
        said = words(language_of(again.visitor))
        return with_alert(settings.standing(again), sentence(refused.refusal, said, school.timezone, school.contact))
    return overview.show(scene.again(), news=overview.OverviewNews(welcome=children, typed_secret=True))
