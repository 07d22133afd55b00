"""Names as they sound together in a Dutch town. Lists only."""

_FIRST = {
    "dutch": """Sanne Daan Lotte Bram Fleur Sem Tess Milan Noor Finn Eva Luuk Saar Thijs Roos Jesse Isa Stijn Lieke
        Ruben Fenna Gijs Maud Teun Julia Sven Femke Mees Anouk Tijn Elin Jurre Nina Pepijn Jasmijn Siem Floor Hugo Merel
        Koen Puck Lars Liv Niek Stéphanie Joep Renée Cas Evi Dirk""",
    "turkish": "Emir Elif Yusuf Zeynep Kerem Defne Mert Ecrin Ömer Şükrü Ayşe Çınar Nehir Efe Azra Deniz",
    "moroccan": "Amine Yasmina Ilias Salma Bilal Nora Anass Hafsa Soufiane Imane Rayan Aya Younes Lina",
    "polish": "Zofia Jakub Maja Łukasz Hanna Antoni Oliwia Filip Wiktoria Szymon Amelia Kacper",
    "ukrainian": "Sofiia Artem Solomiia Danylo Oksana Bohdan Zlata Maksym Daryna Nazar",
}
FIRST: dict[str, tuple[str, ...]] = {origin: tuple(names.split()) for origin, names in _FIRST.items()}
LAST: dict[str, tuple[str, ...]] = {
    "dutch": (
        "de Vries", "Jansen", "van den Berg", "Bakker", "van Dijk", "Visser", "Smit", "Meijer", "de Boer", "Mulder",
        "de Groot", "Bos", "Vos", "Peters", "Hendriks", "van Leeuwen", "Dekker", "Brouwer", "de Wit", "Dijkstra",
        "Smits", "de Graaf", "van der Meer", "van der Linden", "Kok", "Jacobs", "de Haan", "Vermeulen",
        "van den Heuvel",
        "van der Veen", "van den Broek", "de Bruijn", "van der Heijden", "Schouten", "van Beek", "Willems", "Hoekstra",
        "Koster", "Prins", "Huisman", "Postma", "Kuipers", "Veenstra", "Kramer", "van 't Hof", "Blom",
    ),
    "turkish": ("Yılmaz", "Kaya", "Demir", "Şahin", "Çelik", "Öztürk", "Aydın", "Doğan", "Güneş"),
    "moroccan": ("El Amrani", "Benali", "Bouzid", "El Idrissi", "Haddou", "Azzouzi", "Chaoui", "Ouali"),
    "polish": ("Kowalska", "Nowak", "Wiśniewska", "Wójcik", "Lewandowski", "Zielińska", "Dąbrowski"),
    "ukrainian": ("Shevchenko", "Kovalenko", "Bondarenko", "Tkachenko", "Melnyk", "Koval"),
}  # fmt: skip
PREFIXES = ("van den", "van der", "van 't", "van", "de")
# How many of a hundred households; the rest of a hundred is Dutch.
SHARES = {"turkish": 14, "moroccan": 12, "polish": 9, "ukrainian": 6}
# By group: who teaches it, and the address of the first of them.
TEACHERS: tuple[tuple[str, str], ...] = (
    ("juf Marloes", "marloes"), ("juf Samira", "samira"), ("juf Anja, juf Petra", "anja"), ("juf Noor", "noor"),
    ("meester Ruud", "ruud"), ("juf Ewa", "ewa"), ("meester Bram", "bram"), ("meester Hakan", "hakan"),
)  # fmt: skip
