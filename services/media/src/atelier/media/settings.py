"""Media's settings."""

from pathlib import Path
from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from atelier.runtime.settings import StorageSettings


class Settings(StorageSettings):
    """Prefixed `MEDIA_`; the shared ones are described at their base."""

    model_config = SettingsConfigDict(env_prefix="MEDIA_")

    service: ClassVar[str] = "media"
    migrations: ClassVar[Path] = Path(__file__).parents[3] / "migrations"

    port: int = 8003
