"""`make bench`: prints each ratio beside the least that is wanted. `ARGS="--runs 1"` is quicker.

Each run measures both of a pair after one another, on the same machine and in the same minute: compare ratios, not the
numbers a second. The run with the median ratio is shown. A ratio that was missed is marked, and is no failure: what
else the machine does can halve it.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import bookings, desk, imports, rush, taps
from tests.bench.measuring import Pair, middle

PARTS: dict[str, Callable[[Path], list[Pair]]] = {
    "taps": taps.measure,
    "sqlite": bookings.on_sqlite,
    "postgresql": bookings.on_postgresql,
    "imports": imports.measure,
    "desk": desk.measure,
    "rush": rush.measure,
}


def main() -> int:
    arguments = argparse.ArgumentParser(prog="make bench", description="Speed, as ratios measured in one run.")
    arguments.add_argument("--runs", type=int, default=3, metavar="N", help="runs of which the median is shown (3)")
    arguments.add_argument("parts", nargs="*", help=f"only these: {', '.join(PARTS)}")
    chosen = arguments.parse_args()
    for unknown in set(chosen.parts) - set(PARTS):
        arguments.error(f"there is no part “{unknown}”")
    runs = max(1, chosen.runs)
    print(f"Medians of {runs} runs; both of a pair in each. Durable: every answer stands on disk.\n")
    print(f"{'':57} {'ours':^25} {'the other':^25}  ratio  wanted")
    for part in chosen.parts or PARTS:
        _print(_runs(PARTS[part], runs))
    return 0


def _runs(measure: Callable[[Path], list[Pair]], runs: int) -> list[Pair]:
    found = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="tienminuten-") as folder:
            found.append(measure(Path(folder)))
    return [middle(same) for same in zip(*found, strict=True)]


def _print(pairs: list[Pair]) -> None:
    for pair in pairs:
        mark = "" if pair.ratio >= pair.wanted else "   MISSED"
        print(f"{pair.name:57} {pair.ours} {pair.other}  {pair.ratio:5.2f}  {pair.wanted:5.2f}{mark}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
