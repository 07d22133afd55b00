"""`staff lost-phone` and `staff link`: for the last administrator, when nobody at the school can help them in."""

import argparse

from admin.commands.output import Stop, opened_school, operator
from storage.settings import read_settings
from storage.staff import accounts, password_links, second_factor
from storage.staff.accounts import StaffView


def lost_phone(args: argparse.Namespace) -> int:
    """No code of an app is asked of this account any more."""
    with opened_school(args.slug) as (database, school):
        who = _of(database.read(accounts.staff_list, school.id), args.email, school.name)
        if not who.second_factor:
            raise Stop(f"No code is asked of {who.email} at {school.name}.")
        database.work(second_factor.switch_off, school.id, operator(), who.id)
    print(f"{who.email} signs in at {school.name} with the password alone now.")
    return 0


def link(args: argparse.Namespace) -> int:
    """A link to choose a password, on standard output: it opens the account, so hand it over carefully."""
    settings = read_settings()
    with opened_school(args.slug, settings) as (database, school):
        who = _of(database.read(accounts.staff_list, school.id), args.email, school.name)
        if not who.active:
            raise Stop(f"The account of {who.email} at {school.name} is disabled.")
        door = database.work(password_links.make, school.id, operator(), who.id, settings.pepper)
    print(f"{settings.base_url}/desk/welcome/{door.token}")
    return 0


def _of(people: tuple[StaffView, ...], email: str, school: str) -> StaffView:
    found = next((one for one in people if one.email == email.strip().lower()), None)
    if found is None:
        raise Stop(f"There is no account of {email} at {school}.")
    return found
