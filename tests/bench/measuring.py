"""Measuring: how many a second, and how long the slowest hundredth waited. And what becomes of several runs."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

J = TypeVar("J")


@dataclass(frozen=True)
class Speed:
    """`p99_ms` is None where there is one thing to wait for."""

    per_second: float
    p99_ms: float | None = None

    def __str__(self) -> str:
        waited = "" if self.p99_ms is None else f"p99 {self.p99_ms:6.1f} ms"
        return f"{self.per_second:8.0f}/s {waited:14}"


@dataclass(frozen=True)
class Pair:
    """Ours beside another, measured in one run."""

    name: str
    ours: Speed
    other: Speed
    wanted: float  # the least ratio

    @property
    def ratio(self) -> float:
        return self.ours.per_second / self.other.per_second


def middle(runs: Sequence[Pair]) -> Pair:
    """The run whose ratio is the median (the lower of two in the middle)."""
    least = median(sorted(run.ratio for run in runs)[: len(runs) // 2 * 2 + 1])
    return min(runs, key=lambda run: abs(run.ratio - least))


def drive(submit: Callable[[J], Awaitable[None]], jobs: Sequence[J], at_once: int) -> Speed:
    """Do every job, `at_once` at a time, each waiting for its answer before the next."""
    return asyncio.run(driven(submit, jobs, at_once))


async def driven(submit: Callable[[J], Awaitable[None]], jobs: Sequence[J], at_once: int) -> Speed:
    """`drive`, in a loop that runs already."""
    waits: list[float] = []

    async def person(mine: Sequence[J]) -> None:
        for job in mine:
            began = time.perf_counter()
            await submit(job)
            waits.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(person(jobs[number::at_once]) for number in range(at_once)))
    took = time.perf_counter() - began
    waits.sort()
    return Speed(len(jobs) / took, waits[int(len(waits) * 0.99)] * 1000)
