"""What can be done with the picture of one shot."""

from __future__ import annotations

from uuid import UUID

from atelier.export.deliveries import Deliveries
from atelier.export.pictures.use_cases import Begin, Delivery, Studio, UndeliverableError
from atelier.export.policy import FETCHED_WITHIN
from atelier.runtime.auth import Principal
from atelier.runtime.errors import ConflictError, DomainError, NotFoundError
from atelier.runtime.storage import Storage


async def download(
    begin: Begin,
    deliveries: Deliveries,
    studio: Studio,
    storage: Storage,
    delivery: Delivery,
    principal: Principal,
    shot_id: UUID,
) -> str:
    """Where the shot's current picture can be fetched for an hour, converted, as an attachment.

    Raises `NotFoundError`, `DomainError` without a current revision or its image, `ConflictError`
    for a picture that can't be converted.
    """
    deliverable = await deliveries.of_shot(shot_id, principal)
    if deliverable is None:
        raise NotFoundError.of("Shot")
    if deliverable.revision_id is None:
        raise DomainError("This shot has no current revision; there is nothing to download yet.")
    if deliverable.image is None:
        raise DomainError("The shot's current revision has no image; there is nothing to download.")
    try:
        rendition = await studio.render(begin, delivery.picture(deliverable))
    except UndeliverableError as wrong:
        raise ConflictError(f"This shot can't be delivered: {wrong}.") from wrong
    name = f"{delivery.file_name(deliverable)}.{delivery.format.extension}"
    return await storage.presigned_get(rendition.key, expires=FETCHED_WITHIN, filename=name)
