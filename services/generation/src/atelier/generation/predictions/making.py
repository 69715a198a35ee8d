"""The job that makes one picture: inputs from storage, the backend, the result to media.

It may be repeated from any point. The same order makes the same bytes, which media stores once,
and the prediction ends in one fenced transaction, together with what tells of it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog

from atelier.contracts.enums import ErrorCategory
from atelier.contracts.media import StoredMedia
from atelier.contracts.public.media import Cdn
from atelier.generation.ports import FORMATS, Backend, BackendError, Order, PictureFormat
from atelier.generation.predictions import use_cases
from atelier.generation.predictions.retries import wait
from atelier.generation.predictions.use_cases import Making
from atelier.generation.predictions.workplace import Workplace
from atelier.runtime.auth import Principal
from atelier.runtime.away import is_away
from atelier.runtime.errors import InvalidError, TooLargeError, UnavailableError
from atelier.runtime.jobs import Job, LeaseLostError, RunAgain
from atelier.runtime.media_client import Attachment, IngestItem, MediaClient
from atelier.runtime.storage import NotStoredError, Storage

log = structlog.get_logger(__name__)

FOLDER = "predictions"
"""What media's uploads of results are filed under."""
SERVICE = Principal.of_service("generation")


@dataclass(frozen=True, kw_only=True)
class Studio:
    """Everything that making a picture takes."""

    backends: Mapping[str, Backend]
    storage: Storage
    media: MediaClient
    cdn: Cdn
    workplace: Workplace
    longest_input_bytes: int
    first_retry_after: timedelta

    async def make(self, job: Job) -> None:
        """Make the picture of the job's prediction, unless it has ended.

        Raises `RunAgain` where it failed and another try is due. Where media or storage is away that
        is nobody's failure: the error passes, and the job waits and comes back however long it takes.
        """
        prediction_id = UUID(job.payload["prediction_id"])
        async with job.begin() as uow:
            making = await use_cases.begin(uow, prediction_id)
            await uow.commit()
        if making is None:
            return
        try:
            async with kept(job):
                image, seconds = await self._picture(making)
        except BackendError as error:
            await self._fail(job, making, error)
            return
        async with job.begin() as uow:
            await use_cases.complete(uow, prediction_id, image, seconds)
            await uow.commit()

    async def _fail(self, job: Job, making: Making, error: BackendError) -> None:
        log.warning("no picture", prediction=job.key, category=error.category, error=error.message[:300])
        async with job.begin() as uow:
            failures = await use_cases.fail(uow, making.prediction_id, error)
            await uow.commit()
        if failures is not None:
            after = wait(failures, self.first_retry_after, error.retry_after)
            raise RunAgain(after, f"{error.category}: {error.message}")

    async def _picture(self, making: Making) -> tuple[StoredMedia, float]:
        """The stored picture, and how many seconds the backend took."""
        format_ = FORMATS.get(making.request.file_format.upper())
        if format_ is None:
            message = f"Pictures can't be made as {making.request.file_format}."
            raise BackendError(ErrorCategory.INVALID_INPUT, message)
        async with self.workplace.folder() as folder:
            order = await self._order(making, folder)
            file = folder / f"result.{format_.extension}"
            started = time.monotonic()
            await self._ask_backend(making.tool, order, file)
            seconds = time.monotonic() - started
            return await self._store(making, file, format_), seconds

    async def _order(self, making: Making, folder: Path) -> Order:
        request = making.request
        product = await self._fetch(request.product_image, folder / "product")
        assert product is not None, "every request has a product image"
        return Order(
            prediction_id=making.prediction_id,
            request=request,
            seed=making.seed,
            product=product,
            subject=await self._fetch(request.subject_image, folder / "subject"),
            background=await self._fetch(request.background_image, folder / "background"),
        )

    async def _fetch(self, image: StoredMedia | None, to: Path) -> Path | None:
        if image is None:
            return None
        try:
            await self.storage.download(image.key, to, self.longest_input_bytes)
        except NotStoredError as missing:
            raise BackendError(ErrorCategory.INVALID_INPUT, f"The {to.name} image is gone.") from missing
        except TooLargeError as large:
            raise BackendError(ErrorCategory.INVALID_INPUT, f"The {to.name} image is too large.") from large
        return to

    async def _ask_backend(self, tool: str, order: Order, file: Path) -> None:
        """What a backend raises beside its own errors is its fault, not the picture's."""
        backend = self.backends.get(tool)
        if backend is None:
            raise BackendError(ErrorCategory.BACKEND_UNAVAILABLE, f"There is no backend {tool} here.")
        try:
            await backend.make(order, file)
        except (BackendError, LeaseLostError):
            raise
        except Exception as wrong:
            log.exception("backend broke", tool=tool, prediction=str(order.prediction_id))
            raise BackendError(ErrorCategory.INTERNAL, "The backend broke down.") from wrong

    async def _store(self, making: Making, file: Path, format_: PictureFormat) -> StoredMedia:
        """Hand the picture to media: the same bytes are one resource, however often they come."""
        size = (await asyncio.to_thread(file.stat)).st_size
        try:
            place = await self.media.presign(
                SERVICE,
                filename=f"{making.prediction_id}.{format_.extension}",
                content_type=format_.content_type,
                file_size=size,
                folder=FOLDER,
            )
            # straight into the bucket: the presigned host is where clients reach it, services may not
            await self.storage.upload(file, self._key(place.file_url), format_.content_type)
            (stored,) = await self.media.ingest(SERVICE, making.ownership, [_item(making, place.file_url)])
        except (InvalidError, TooLargeError) as refused:
            raise BackendError(ErrorCategory.INTERNAL, f"The picture wasn't taken: {refused}") from refused
        return stored

    def _key(self, file_url: str) -> str:
        """The key of a temporary upload's URL, which is made as every file's is."""
        prefix = f"{self.cdn.base}/"
        if not file_url.startswith(prefix):
            raise UnavailableError("Media's CDN_URL is another than generation's; set both to the same.")
        return file_url.removeprefix(prefix)


def _item(making: Making, source: str) -> IngestItem:
    attachment = Attachment(
        kind="generations",
        aggregate_id=making.request.id,
        entity_type="PREDICTION",
        entity_id=making.prediction_id,
        slot="result_image",
    )
    return IngestItem(loc=("result_image",), attachment=attachment, source=source)


@asynccontextmanager
async def kept(job: Job) -> AsyncIterator[None]:
    """Keep the job's lease meanwhile: a backend may take longer than one.

    Where it is lost all the same, the next fenced transaction says so.
    """

    async def extend() -> None:
        while True:
            await asyncio.sleep(job.lease.total_seconds() / 3)
            try:
                await job.extend()
            except Exception as failure:
                if not is_away(failure):  # else the next one may reach the database again
                    raise

    extending = asyncio.create_task(extend())
    try:
        yield
    finally:
        extending.cancel()
        await asyncio.gather(extending, return_exceptions=True)
