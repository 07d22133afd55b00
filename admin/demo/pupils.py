"""About two hundred children in eight groups, by household: siblings, twins, parents who live apart. Seeded, so that
everybody who tries the demo meets the same school; birth dates follow the school year."""

import csv
import random
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from admin.demo.names import FIRST, LAST, PREFIXES, SHARES

GROUPS = tuple(f"groep {number}" for number in range(1, 9))
CHILDREN = 200
HEADERS = (
    "Leerlingnummer", "Roepnaam", "Voorvoegsel", "Achternaam", "Geboortedatum", "Groep", "Postcode", "Huisnummer",
    "E-mail",
)  # fmt: skip
_SEED = 10
_POSTCODES = 95
_TWINS = 0.12  # of the pairs
_APART = 7  # households whose parents live apart


@dataclass(frozen=True, slots=True)
class Pupil:
    number: str
    first_name: str
    group: int  # 1 to 8
    born: date


@dataclass(slots=True)
class Household:
    """One address with its children; `other` is the last name of a parent who lives elsewhere."""

    last_name: str
    postcode: str
    house_number: str
    email: str
    other: str = ""
    pupils: list[Pupil] = field(default_factory=list)


def households(today: date) -> list[Household]:
    """Everybody, in the order of their student numbers; the groups about equally large."""
    chance = random.Random(_SEED)  # noqa: S311
    postcodes = _postcodes(chance)
    sizes = dict.fromkeys(range(1, len(GROUPS) + 1), 0)
    made: list[Household] = []
    while sum(sizes.values()) < CHILDREN:
        origin = _origin(chance)
        house = _household(chance, origin, postcodes, len(made))
        count = chance.choices([1, 2, 3], [40, 47, 13])[0]
        twins = count == 2 and chance.random() < _TWINS
        groups = _groups(chance, count, twins, sizes)
        born = _born(chance, groups[0], today)
        for first_name, group in zip(chance.sample(FIRST[origin], count), groups, strict=True):
            sizes[group] += 1
            birthday = born if twins else _born(chance, group, today)
            house.pupils.append(Pupil(f"{2600 + sum(sizes.values()):05}", first_name, group, birthday))
        made.append(house)
    for house in chance.sample([one for one in made if len(one.pupils) <= 2], _APART):
        house.other = chance.choice([name for name in LAST["dutch"] if name != house.last_name])
    return made


def write(everybody: list[Household], file: Path) -> None:
    """The list as a school's administration would export it."""
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, delimiter=";")
        rows.writerow(HEADERS)
        for house in everybody:
            prefix, last = _apart(house.last_name)
            for pupil in house.pupils:
                born, group = f"{pupil.born:%d-%m-%Y}", GROUPS[pupil.group - 1]
                row = [pupil.number, pupil.first_name, prefix, last, born, group]
                rows.writerow([*row, house.postcode, house.house_number, house.email])


def _postcodes(chance: random.Random) -> list[str]:
    return [f"{chance.randint(3511, 3585)} {chance.choice('ABCEGHJKLMNPRSTVWXZ')}{chance.choice('ABCEGHJKLMNPRSTVWXZ')}"
            for _ in range(_POSTCODES)]  # fmt: skip


def _origin(chance: random.Random) -> str:
    drawn = chance.randrange(100)
    for origin, share in SHARES.items():
        if drawn < share:
            return origin
        drawn -= share
    return "dutch"


def _household(chance: random.Random, origin: str, postcodes: list[str], place: int) -> Household:
    last_name = chance.choice(LAST[origin])
    # The place makes the number unique, so that no two households of one name share an address.
    number = f"{place % 150 + 1}{chance.choice(['', '', '', 'A', 'B'])}"
    plain = unicodedata.normalize("NFKD", last_name.replace("ı", "i").replace("Ł", "L").replace("ł", "l"))
    name = "".join(letter for letter in plain.lower() if letter.isascii() and letter.isalpha())
    email = "" if chance.random() < 0.04 else f"{name}{place + 1}@example.org"
    return Household(last_name, chance.choice(postcodes), number, email)


def _groups(chance: random.Random, count: int, twins: bool, sizes: Mapping[int, int]) -> list[int]:
    """Where the children of a household are, the eldest first: one to three years apart, where there is room."""
    if twins:
        return [min(sizes, key=lambda group: (sizes[group], chance.random()))] * 2
    steps = [0, *(chance.randint(1, 3) for _ in range(count - 1))]
    years = [sum(steps[: place + 1]) for place in range(count)]
    fitting = [[eldest - year for year in years] for eldest in sizes if eldest > years[-1]]
    return min(fitting, key=lambda groups: (max(sizes[group] for group in groups), chance.random()))


def _born(chance: random.Random, group: int, today: date) -> date:
    """Group 4 turns eight in its school year, which begins in August."""
    year = today.year if today.month >= 8 else today.year - 1
    return date(year - 4 - group, 10, 1) + timedelta(days=chance.randrange(365))


def _apart(last_name: str) -> tuple[str, str]:
    for prefix in PREFIXES:
        if last_name.startswith(f"{prefix} "):
            return prefix, last_name[len(prefix) + 1 :]
    return "", last_name
