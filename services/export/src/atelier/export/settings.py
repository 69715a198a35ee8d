"""Export's settings."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from atelier.runtime.settings import Duration, StorageSettings


class Settings(StorageSettings):
    """Prefixed `EXPORT_`; the shared ones are described at their base."""

    model_config = SettingsConfigDict(env_prefix="EXPORT_")

    service: ClassVar[str] = "export"
    migrations: ClassVar[Path] = Path(__file__).parents[3] / "migrations"

    port: int = 8006
    conversion_workers: int = Field(2, ge=1)
    """Processes that convert pictures; each uses as many threads as libvips finds cores."""
    conversion_memory_bytes: int = 1536 * 1024**2
    """What one of them may take: an AVIF of the 50 megapixels that media takes needs this much, other
    formats a third of it. A picture that needs more can't be exported."""
    conversion_timeout: Duration = timedelta(minutes=2)
    """How long one picture may take before its process is ended."""
    longest_side: int | None = Field(None, ge=1)
    """Pixels; larger pictures are shrunk to it. None delivers every picture in its own size."""
    tasks_kept: Duration = timedelta(days=7)
    """When a task that has ended goes, and its archive with it."""
    renditions_kept: Duration = timedelta(days=30)
    """When a converted picture that no export used goes; the next export converts it again."""
