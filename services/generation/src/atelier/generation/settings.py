"""Generation's settings."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from atelier.runtime.settings import Duration, StorageSettings


class Settings(StorageSettings):
    """Prefixed `GENERATION_`; the shared ones are described at their base."""

    model_config = SettingsConfigDict(env_prefix="GENERATION_")

    service: ClassVar[str] = "generation"
    migrations: ClassVar[Path] = Path(__file__).parents[3] / "migrations"

    port: int = 8005
    backend: str = "compositor"
    """Which backend makes the pictures of new generations."""
    first_retry_after: Duration = timedelta(seconds=2)
    """How long a prediction waits after its first failure; each further one doubles it."""
    longest_input_bytes: int = Field(100 * 1024**2, ge=1)
    """Larger pictures aren't fetched to work on."""
    work_folder: Path = Path(tempfile.gettempdir()) / "atelier-generation"
    """Where pictures lie while they are worked on."""
    compositor_workers: int = Field(2, ge=1)
    """Processes that compose pictures."""
    compositor_memory_bytes: int = 1024**3
    """What one of them may take; a picture that needs more fails."""
    compositor_timeout: Duration = timedelta(minutes=2)
    """How long one picture may take before its process is ended."""
