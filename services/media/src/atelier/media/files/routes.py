"""HTTP to use case, for files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse

from atelier.media.dependencies import CurrentSettings, CurrentUnits
from atelier.media.files import use_cases
from atelier.media.files.schemas import ImageType
from atelier.media.files.use_cases import Converter
from atelier.runtime.http import access
from atelier.runtime.http.errors import DOCUMENTED
from atelier.runtime.http.route import UnitOfWorkRoute

router = APIRouter(
    prefix="/files",
    tags=["files"],
    route_class=UnitOfWorkRoute,
    responses={status: DOCUMENTED[status] for status in (404, 503)},
)


def _converter(request: Request) -> Converter:
    converter: Converter = request.app.state.converter
    return converter


@router.get(
    "/{file_path:path}",
    status_code=302,
    response_class=RedirectResponse,
    openapi_extra=access.OPEN | {"x-multi-segment": "file_path"},
)
async def serve_file(
    file_path: str,
    units: CurrentUnits,
    settings: CurrentSettings,
    converter: Annotated[Converter, Depends(_converter)],
    type: Annotated[ImageType | None, Query(description="The format to convert to.")] = None,  # noqa: A002
) -> RedirectResponse:
    """Be sent to where a stored picture can be fetched, converted where a type is named."""
    return RedirectResponse(await use_cases.locate(units, settings, converter, file_path, type), 302)
