"""Real parts and whole stacks for tests: started on free ports in a folder of their own, and hurt at will.

    with EmbeddedStack() as stack:
        stack.endpoints.kafka_bootstrap_servers
        stack.kafka.kill()      # -9; also pause() (SIGSTOP), resume(), stop(), start(), restart()

Everything here blocks; from a coroutine use `asyncio.to_thread`.
"""

from atelier.stack.testing.embedded import EmbeddedStack, Part
from atelier.stack.testing.supervised import RunningPart, SupervisedStack

__all__ = ["EmbeddedStack", "Part", "RunningPart", "SupervisedStack"]
