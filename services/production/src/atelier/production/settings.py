"""Production's settings."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from atelier.runtime.settings import MediaSettings


class Settings(MediaSettings):
    """Prefixed `PRODUCTION_`; the shared ones are described at their base."""

    model_config = SettingsConfigDict(env_prefix="PRODUCTION_")

    service: ClassVar[str] = "production"
    migrations: ClassVar[Path] = Path(__file__).parents[3] / "migrations"

    port: int = 8004
    max_json_bytes: int = Field(16 * 1024 * 1024, validation_alias="PRODUCTION_MAX_JSON_BYTES")
    """More than elsewhere: revisions may carry their images as base64."""
