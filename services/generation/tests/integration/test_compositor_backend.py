"""The embedded backend behind its port: a real picture from a request, in bounded memory and time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pyvips

from atelier.contracts.enums import ErrorCategory
from atelier.generation.backends.compositor.backend import Compositor
from atelier.generation.backends.registry import Backends
from atelier.generation.ports import BackendError, Order
from atelier.generation.settings import Settings
from darkroom import drawings
from darkroom.factories import FakeBackend, request_of
from darkroom.house import House, keep

MEMORY = 300 * 1024**2


@pytest.fixture(scope="module")
async def studio(make_house: Any) -> House:
    """Generation as it comes: with the compositor."""
    house: House = await make_house(None, FakeBackend())
    return house


async def test_a_request_with_everything_becomes_a_picture(studio: House, tee: Any, tmp_path: Path) -> None:
    person = await keep(studio.storage, drawings.person(tmp_path / "person.jpg"))
    street = await keep(studio.storage, drawings.street(tmp_path / "street.jpg"))
    request = await studio.request(
        tee, subject_image=person, background_image=street, batch_size=2, file_format="WEBP"
    )
    await studio.finish()
    state = await studio.state(request.id)
    assert state is not None
    assert state.status == "COMPLETED"
    images = [one.image for one in state.predictions if one.image is not None]
    assert len({image.sha256 for image in images}) == 2
    for image in images:
        picture = pyvips.Image.new_from_buffer(await studio.stored(image.key), "")
        assert (picture.width, picture.height, picture.get("vips-loader")) == (160, 240, "webpload_buffer")


async def test_an_input_that_is_no_picture_ends_at_once(studio: House, tee: Any) -> None:
    await studio.storage.put("media/no-picture/file.jpg", b"no picture", "image/jpeg")
    request = await studio.request(tee.model_copy(update={"key": "media/no-picture/file.jpg"}))
    await studio.finish()
    state = await studio.state(request.id)
    assert state is not None
    assert state.predictions[0].error_category == "INVALID_INPUT"


def order_of(tee: Any, product: Path, **fields: Any) -> Order:
    """An order for one picture of that file."""
    request = request_of(tee, **fields)
    return Order(prediction_id=uuid4(), request=request, seed=request.seed, product=product)


async def test_a_picture_that_needs_too_much_memory_fails_alone(tee: Any, tmp_path: Path) -> None:
    settings = Settings.for_document().model_copy(
        update={"compositor_memory_bytes": MEMORY, "compositor_workers": 1}
    )
    compositor, product = Compositor(settings), drawings.tee(tmp_path / "tee.jpg")
    try:
        with pytest.raises(BackendError) as failed:
            await compositor.make(order_of(tee, product, width=9000, height=9000), tmp_path / "huge.jpg")
        assert failed.value.category is ErrorCategory.INTERNAL
        await compositor.make(order_of(tee, product), tmp_path / "small.jpg")
        assert pyvips.Image.new_from_file(str(tmp_path / "small.jpg")).width == 160
    finally:
        await compositor.close()


async def test_a_large_input_is_no_trouble_in_bounded_memory(tee: Any, tmp_path: Path) -> None:
    settings = Settings.for_document().model_copy(
        update={"compositor_memory_bytes": 2 * MEMORY, "compositor_workers": 1}
    )
    compositor = Compositor(settings)
    small = pyvips.Image.new_from_file(str(drawings.tee(tmp_path / "tee.png")))
    small.resize(6, kernel="nearest").write_to_file(str(tmp_path / "large.jpg"))  # 29 megapixels
    try:
        order = order_of(tee, tmp_path / "large.jpg", width=1024, height=1536)
        await compositor.make(order, tmp_path / "out.jpg")
        assert pyvips.Image.new_from_file(str(tmp_path / "out.jpg")).height == 1536
    finally:
        await compositor.close()


async def test_one_that_takes_too_long_is_a_timeout(tee: Any, tmp_path: Path) -> None:
    settings = Settings.for_document().model_copy(update={"compositor_timeout": timedelta(seconds=0.05)})
    compositor, product = Compositor(settings), drawings.tee(tmp_path / "tee.jpg")
    try:
        with pytest.raises(BackendError) as failed:
            await compositor.make(order_of(tee, product, width=2000, height=3000), tmp_path / "out.jpg")
        assert failed.value.category is ErrorCategory.TIMEOUT
    finally:
        await compositor.close()


def test_a_backend_that_isnt_there_is_said_at_the_start() -> None:
    with pytest.raises(ValueError, match="no backend 'dreamer', only compositor"):
        Backends.of(Settings.for_document().model_copy(update={"backend": "dreamer"}))
