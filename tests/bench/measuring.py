"""Measuring: how many a second, and how long the slowest hundredth waited."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

J = TypeVar("J")


@dataclass(frozen=True)
class Speed:
    per_second: float
    p99_ms: float

    def __str__(self) -> str:
        return f"{self.per_second:8.0f}/s  p99 {self.p99_ms:7.2f} ms"


def drive(submit: Callable[[J], Awaitable[None]], jobs: Sequence[J], at_once: int) -> Speed:
    """Do every job, `at_once` at a time, each waiting for its answer before the next."""
    return asyncio.run(_drive(submit, jobs, at_once))


async def _drive(submit: Callable[[J], Awaitable[None]], jobs: Sequence[J], at_once: int) -> Speed:
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
