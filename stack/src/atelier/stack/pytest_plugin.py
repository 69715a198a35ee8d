"""The fixture that suites share: `pytest_plugins = ["atelier.stack.pytest_plugin"]` in a conftest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from atelier.stack.testing import EmbeddedStack


@pytest.fixture(scope="session")
def embedded_stack() -> Iterator[EmbeddedStack]:
    """Real PostgreSQL, Kafka and S3, one of each a test process. A test that hurts a part starts one of its own."""
    with EmbeddedStack() as stack:
        yield stack
