"""Catalog's settings."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from atelier.runtime.settings import MediaSettings


class Settings(MediaSettings):
    """Prefixed `CATALOG_`; the shared ones are described at their base."""

    model_config = SettingsConfigDict(env_prefix="CATALOG_")

    service: ClassVar[str] = "catalog"
    migrations: ClassVar[Path] = Path(__file__).parents[3] / "migrations"

    port: int = 8002
    max_json_bytes: int = Field(16 * 1024 * 1024, validation_alias="CATALOG_MAX_JSON_BYTES")
    """More than elsewhere: pictures may stand in a body as base64."""
