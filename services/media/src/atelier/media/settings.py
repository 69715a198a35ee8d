"""Media's settings."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from atelier.runtime.settings import Duration, StorageSettings, Urls

MIB = 1024 * 1024


class Settings(StorageSettings):
    """Prefixed `MEDIA_`; the shared ones are described at their base. Durations: seconds or ISO 8601."""

    model_config = SettingsConfigDict(env_prefix="MEDIA_")

    service: ClassVar[str] = "media"
    migrations: ClassVar[Path] = Path(__file__).parents[3] / "migrations"

    port: int = 8003
    max_json_bytes: int = Field(16 * MIB, validation_alias="MEDIA_MAX_JSON_BYTES")
    """Media takes larger bodies than others: pictures in base64, many in a batch."""

    max_file_bytes: int = 50 * MIB
    """The largest file that is taken, however it comes."""
    max_inline_bytes: int = 10 * MIB
    """The largest picture that may stand in a body itself, decoded."""
    max_pixels: int = 50_000_000
    """The largest picture that is decoded, all its frames together."""
    max_frames: int = 200
    """Of an animation."""

    upload_valid_for: Duration = timedelta(minutes=15)
    """How long a presigned URL takes its bytes; a minute more for each MiB above ten."""
    upload_kept_for: Duration = timedelta(days=1)
    """How long after that the uploaded bytes can still be used, before they are removed."""

    inspection_workers: int = 2
    """Processes that look at pictures, and as many that convert them."""
    inspection_memory_bytes: int = 768 * MIB
    """What the largest AVIF that `max_pixels` allows needs; other formats need a half of it at most."""
    inspection_within: Duration = timedelta(seconds=15)
    """A picture that takes longer to decode is refused; 50 megapixels need up to 3 s of a quiet core."""
    conversion_memory_bytes: int = 1024 * MIB
    conversion_within: Duration = timedelta(seconds=30)
    transforming_cdn: bool = False
    """Whether `CDN_URL` converts pictures itself at `/cdn-cgi/image/…`; else media makes and keeps copies."""

    fetch_within: Duration = timedelta(seconds=20)
    """How long a remote picture may take, with all its redirects."""
    fetch_also_from: Urls = ()
    """Servers of the operator's own network (`host:port`, comma-separated) that pictures may be fetched
    from although their addresses aren't public."""
    ingest_within: Duration = timedelta(seconds=55)
    """How long a whole batch may take; less than the callers wait."""

    unattached_for: Duration = timedelta(days=1)
    """How long a resource stays that nothing is attached to, and an attachment that no event confirms."""
    sweep_every: Duration = timedelta(minutes=30)
    """How often those are looked for."""
    unnamed_after: Duration = Field(timedelta(hours=1), ge=timedelta(minutes=5))
    """When bytes are removed that were stored for a resource which then wasn't made."""
