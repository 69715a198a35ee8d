import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from atelier.stack.testing import SupervisedStack

FAKES = Path(__file__).parent / "fakes"


@pytest.fixture(scope="session")
def fake_stack() -> Callable[..., SupervisedStack]:
    """Builds stacks of fake services on the real parts: `fake_stack(folder, GATEWAY_PORT="8000")`.

    `before` goes before the command line.
    """

    def build(data_dir: Path, before: tuple[str, ...] = (), **environment: str) -> SupervisedStack:
        path = os.pathsep.join([str(FAKES), os.environ.get("PYTHONPATH", "")])
        command = (*before, sys.executable, str(FAKES / "run_fakes.py"), "run")
        return SupervisedStack(data_dir, {"PYTHONPATH": path, **environment}, command)

    return build
