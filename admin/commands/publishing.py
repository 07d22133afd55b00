"""`publish`: show plannings to parents, after the checks of the desk (D13)."""

import argparse

from admin.commands.output import Stop, opened_school, operator, refusal_sentence, tell_trouble
from messages.findings import sentence
from messages.languages import SOURCE_LANGUAGE
from messages.text import words
from storage.planning import conferences, publishing
from storage.refusals import Refused


def publish(args: argparse.Namespace) -> int:
    """Publish the drafts of a conference, or of the whole school. Exit status 0, or 1 where the check forbids it."""
    with opened_school(args.slug) as (database, school):
        conference_id = None
        if args.conference is not None:
            conference = database.read(conferences.conference_by_name, school.id, args.conference)
            if conference is None:
                raise Stop(f"There is no conference “{args.conference}”.")
            conference_id = conference.id
        try:
            done = database.work(publishing.publish, school.id, operator(), conference_id=conference_id)
        except Refused as refused:
            return tell_trouble(refusal_sentence(refused.refusal, school.timezone))
    count = len(done.planning_ids)
    published = "1 planning is published." if count == 1 else f"{count} plannings are published."
    print(published if count else "There is no planning in draft: nothing to publish.")
    for finding in done.findings:
        print(sentence(finding, words(SOURCE_LANGUAGE), school.timezone, titled=True))
    return 0
