"""How each route of the desk is walked: a file for each area with WAYS, by "METHOD /path". See ../route_table.py.

Every POST needs a way. A GET needs one only where its path holds something else than the ids that `Ground.ids` has, or
where something has to be there first.
"""

from importlib import import_module
from pathlib import Path

from tests.admin.walks.route_table import Way

WAYS: dict[str, Way] = {}
for path in sorted(Path(__file__).parent.glob("*.py")):
    if path.stem != "__init__":
        WAYS |= import_module(f"{__name__}.{path.stem}").WAYS
