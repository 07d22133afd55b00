"""What a program is made of that opens one file in a process of its own, under a memory and a time limit (rule 27).

Limits (JSON, one line) and the file come on standard input, one JSON object goes to standard output. Only such programs
use this: the limits are those of the whole process, and a hostile file may take it down.
"""

import json
import resource
import sys
from collections.abc import Callable
from typing import Any

from storage.importing.files.limits import Limits, Unreadable


def answer_in_sandbox(answer: Callable[[bytes, Limits], dict[str, Any]]) -> None:
    """Read the file under its limits, and write down what `answer` makes of it: `rows`, or a refusal."""
    limits = Limits(**json.loads(sys.stdin.buffer.readline()))
    _limit(limits)
    json.dump(answer(sys.stdin.buffer.read(), limits), sys.stdout)


def refused(refusal: Unreadable) -> dict[str, Any]:
    """A refusal as the object that goes back: its reason and the values in it."""
    return {"reason": refusal.reason, "values": refusal.values}


def _limit(limits: Limits) -> None:
    for kind, most in ((resource.RLIMIT_AS, limits.memory), (resource.RLIMIT_CPU, limits.seconds)):
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # macOS has no limit on addresses; the time limit still holds
            continue
