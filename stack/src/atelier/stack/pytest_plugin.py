"""The fixture that suites share: `pytest_plugins = ["atelier.stack.pytest_plugin"]` in a conftest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from atelier.stack.testing import EmbeddedStack


@pytest.fixture(scope="session")
def embedded_stack() -> Iterator[EmbeddedStack]:
    """One of each real part a test process; a test that hurts a part starts a stack of its own."""
    stack = EmbeddedStack().start()
    yield stack
    stack.discard()
