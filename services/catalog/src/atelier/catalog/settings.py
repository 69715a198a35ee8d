"""Catalog's settings."""

from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from atelier.runtime.settings import ServiceSettings


class Settings(ServiceSettings):
    """Prefixed `CATALOG_`; the shared ones are described at their base."""

    model_config = SettingsConfigDict(env_prefix="CATALOG_")

    service: ClassVar[str] = "catalog"

    port: int = 8002
