"""A newsroom for each module, and more where a test must be alone on a topic."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import newsroom
import pytest
from newsroom import ExampleProcess, Newsroom

from atelier.runtime.service import Service
from atelier.stack.testing import EmbeddedStack

MakeNewsroom = Callable[[], Awaitable[Newsroom]]
MakeProcess = Callable[[str, Mapping[str, str]], ExampleProcess]


@pytest.fixture(scope="module")
async def make_newsroom(
    stack: EmbeddedStack,
    make_service: Callable[..., Awaitable[Service]],
    make_database: Callable[[], Awaitable[str]],
) -> AsyncIterator[MakeNewsroom]:
    """Make a newsroom on a topic, groups and a reader database of its own."""
    async with AsyncExitStack() as closing:

        async def make() -> Newsroom:
            return await closing.enter_async_context(
                newsroom.make_newsroom(
                    stack.endpoints.kafka_bootstrap_servers, make_service, await make_database()
                )
            )

        yield make


@pytest.fixture(scope="module")
async def room(make_newsroom: MakeNewsroom) -> Newsroom:
    """The newsroom that the tests of a module share; they tell their issues apart by title."""
    return await make_newsroom()


@pytest.fixture
def make_process(tmp_path: Path) -> Iterator[MakeProcess]:
    """Make a process of the example; whatever still runs at the end is killed."""
    processes: list[ExampleProcess] = []

    def make(name: str, environment: Mapping[str, str]) -> ExampleProcess:
        process = ExampleProcess(name, environment, tmp_path / f"{name}-{len(processes)}.log")
        processes.append(process)
        return process

    yield make
    for process in processes:
        process.kill()
