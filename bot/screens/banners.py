"""The notices that stand on top of a chat's screen until they were seen, as they are true now."""

from bot.screens.scene import Scene
from messages.notices import Banner, banner
from storage.notices.contents import NoticeContents, contents
from storage.outbox import queue


def unseen(scene: Scene) -> tuple[Banner, ...]:
    """What the visitor has not seen yet, the newest first. What is true no more is left out."""
    if not scene.visitor.unseen:
        return ()
    found = []
    for notice in queue.known(scene.session, scene.visitor.unseen):
        told = contents(scene.session, notice, scene.now, scene.pepper)
        if isinstance(told, NoticeContents):
            found.append(banner(notice.kind, told, scene.now))
    return tuple(reversed(found))
