"""Converting: the formats, what the files say of themselves, and pictures of every kind."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageCms

from atelier.contracts.deliverables import Deliverable
from atelier.contracts.products import ProductState
from atelier.export.pictures.conversion import UnreadablePictureError, convert
from atelier.export.pictures.formats import FORMATS, ImageFormat
from atelier.export.pictures.metadata import ADAPTERS, Metadata
from atelier.export.pictures.metadata.xmp import ATELIER, DC, RDF

ARTIST, DESCRIPTION, USER_COMMENT, EXIF_IFD = 0x013B, 0x010E, 0x9286, 0x8769
XP_TITLE, XP_AUTHOR, XP_KEYWORDS = 0x9C9B, 0x9C9D, 0x9C9E
PLAIN = Metadata({"ifd0-Artist": "Acme"}, b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")


def deliverable(**fields: Any) -> Deliverable:
    """A shot of a product with texts of every kind."""
    product: dict[str, Any] = {
        "id": uuid4(),
        "created_at": "2026-03-01T00:00:00Z",
        "updated_at": "2026-03-01T00:00:00Z",
        "sku": "A-1",
        "name": "Mäntel & <Parkas> (grün) 日本",
        "brand": "Acmé",
        "description": "Warm;\nlight \x01\u202e« weich »",
        "colour": "grün",
        "gender": "UNISEX",
    } | fields
    state = ProductState.model_validate(product)
    return Deliverable(
        shot_id=uuid4(),
        look_id=uuid4(),
        shooting_id=uuid4(),
        shooting_name="Spring",
        owner_id=uuid4(),
        status="APPROVED",
        revision_id=uuid4(),
        revision_version=3,
        product_id=state.id,
        product=state,
        shot_type_id=uuid4(),
        subject_name="Ada",
    )


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """A picture that says much of itself."""
    file = tmp_path / "original"
    exif = Image.Exif()
    exif[ARTIST] = "Somebody else"
    exif.get_ifd(0x8825)[2] = (52.0, 30.0, 0.0)  # where it was taken
    Image.effect_noise((300, 200), 50).convert("RGB").save(file, "JPEG", exif=exif, comment=b"secret")
    return file


def convert_to(tmp_path: Path, source: Path, image_format: ImageFormat, **options: Any) -> Image.Image:
    """The converted picture, as another library reads it."""
    target = tmp_path / f"target.{FORMATS[image_format].extension}"
    asked: dict[str, Any] = {"longest_side": None, "metadata": PLAIN} | options
    converted = convert(source, target, image_format, **asked)
    body = target.read_bytes()
    assert (converted.size, converted.crc32) == (len(body), zlib.crc32(body))
    read = Image.open(io.BytesIO(body))
    read.load()
    return read


def saved(tmp_path: Path, image: Image.Image, format_: str, **options: Any) -> Path:
    """A file of that picture."""
    file = tmp_path / f"source.{format_.lower()}"
    image.save(file, format_, **options)
    return file


def xmp_of(image: Image.Image) -> ElementTree.Element:
    """The picture's XMP, parsed."""
    packet: Any = image.info.get("xmp") or image.info["XML:com.adobe.xmp"]  # in PNG it's a text chunk
    found = ElementTree.fromstring(packet).find(f"{{{RDF}}}RDF/{{{RDF}}}Description")
    assert found is not None
    return found


def texts(about: ElementTree.Element, field: str) -> list[str | None]:
    """The texts of a Dublin Core field."""
    return [item.text for item in about.findall(f"{{{DC}}}{field}//{{{RDF}}}li")]


@pytest.mark.parametrize("image_format", ImageFormat)
def test_each_format_says_what_it_shows(tmp_path: Path, original: Path, image_format: ImageFormat) -> None:
    shown = deliverable()
    metadata = ADAPTERS["default"].describe(shown)
    read = convert_to(tmp_path, original, image_format, metadata=metadata)
    assert (read.size, (read.format or "").lower()) == ((300, 200), image_format.value)
    assert shown.product is not None
    about = xmp_of(read)
    assert texts(about, "title") == [shown.product.name]
    assert texts(about, "description") == ["Warm; light « weich »"]
    assert texts(about, "creator") == ["Acmé"]
    assert texts(about, "subject") == ["Acmé", "A-1", "grün", "Ada"]
    assert about.findtext(f"{{{ATELIER}}}ProductId") == str(shown.product_id)
    assert about.findtext(f"{{{ATELIER}}}ShotId") == str(shown.shot_id)
    assert about.findtext(f"{{{ATELIER}}}RevisionId") == str(shown.revision_id)
    exif = read.getexif()
    assert exif[ARTIST] == "Acme"
    assert exif[DESCRIPTION].startswith("Warm; light")
    assert exif[XP_TITLE].decode("utf-16-le").rstrip("\0") == shown.product.name
    assert exif[XP_AUTHOR].decode("utf-16-le").rstrip("\0") == "Acmé"
    assert exif[XP_KEYWORDS].decode("utf-16-le").rstrip("\0") == "Acmé;A-1;grün;Ada"
    assert str(shown.revision_id).encode() in exif.get_ifd(EXIF_IFD)[USER_COMMENT]


@pytest.mark.parametrize("image_format", ImageFormat)
def test_what_the_original_said_stays_behind(
    tmp_path: Path, original: Path, image_format: ImageFormat
) -> None:
    read = convert_to(tmp_path, original, image_format)
    assert not read.getexif().get_ifd(0x8825)
    assert read.getexif()[ARTIST] == "Acme"
    assert "comment" not in read.info


def test_a_product_of_which_nothing_is_known_is_named_by_its_id(tmp_path: Path, original: Path) -> None:
    shown = deliverable().model_copy(update={"product": None, "subject_name": None})
    read = convert_to(tmp_path, original, ImageFormat.JPEG, metadata=ADAPTERS["default"].describe(shown))
    assert texts(xmp_of(read), "title") == [str(shown.product_id)]
    assert ARTIST not in read.getexif()


def test_texts_are_bounded(tmp_path: Path, original: Path) -> None:
    shown = deliverable(description="x" * 100_000, name="y" * 9_000)
    read = convert_to(tmp_path, original, ImageFormat.JPEG, metadata=ADAPTERS["default"].describe(shown))
    assert texts(xmp_of(read), "description") == ["x" * 2000]


@pytest.mark.parametrize("image_format", ImageFormat)
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P", "1", "CMYK", "I;16"])
def test_every_kind_of_picture_becomes_eight_bits_of_srgb(
    tmp_path: Path, mode: str, image_format: ImageFormat
) -> None:
    image = Image.new("RGB", (40, 30), (200, 40, 40)).convert(mode if mode != "I;16" else "L")
    if mode == "I;16":
        image = Image.frombytes("I;16", (40, 30), b"\x00\x80" * 1200)
    source = saved(tmp_path, image, "TIFF" if mode == "CMYK" else "PNG")
    read = convert_to(tmp_path, source, image_format)
    assert (read.size, read.mode in ("L", "LA", "RGB", "RGBA")) == ((40, 30), True)
    colour = read.convert("RGB").getpixel((20, 15))
    assert isinstance(colour, tuple)
    if mode in ("RGB", "RGBA"):
        assert all(abs(a - b) < 16 for a, b in zip(colour, (200, 40, 40), strict=True))


def test_transparent_pictures_are_laid_on_white_for_jpeg(tmp_path: Path) -> None:
    source = saved(tmp_path, Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG")
    pixel = convert_to(tmp_path, source, ImageFormat.JPEG).getpixel((5, 5))
    assert pixel == (255, 255, 255)
    assert convert_to(tmp_path, source, ImageFormat.PNG).mode == "RGBA"


def test_pictures_stand_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    source = saved(tmp_path, Image.new("RGB", (40, 20)), "JPEG", exif=exif)
    assert convert_to(tmp_path, source, ImageFormat.WEBP).size == (20, 40)


def test_another_colour_profile_is_converted(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    lab = Image.new("RGB", (20, 20), (200, 40, 40))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for bytes_ in (srgb, profile):
        read = convert_to(tmp_path, saved(tmp_path, lab, "JPEG", icc_profile=bytes_), ImageFormat.JPEG)
        assert read.mode == "RGB"


@pytest.mark.parametrize(("longest", "size"), [(150, (150, 100)), (300, (300, 200)), (5000, (300, 200))])
def test_pictures_are_shrunk_and_never_enlarged(
    tmp_path: Path, original: Path, longest: int, size: tuple[int, int]
) -> None:
    assert convert_to(tmp_path, original, ImageFormat.WEBP, longest_side=longest).size == size


def test_a_picture_that_is_too_long_for_the_format_is_shrunk_to_it(tmp_path: Path) -> None:
    source = saved(tmp_path, Image.new("RGB", (20_000, 100)), "PNG")
    assert convert_to(tmp_path, source, ImageFormat.WEBP).size == (16_383, 82)
    assert convert_to(tmp_path, source, ImageFormat.JPEG).size == (20_000, 100)


@pytest.mark.parametrize("body", [b"", b"no picture", b"\xff\xd8\xff\xe0", b"<svg xmlns='x'><script/></svg>"])
def test_what_is_no_picture_is_refused(tmp_path: Path, body: bytes) -> None:
    source = tmp_path / "source"
    source.write_bytes(body)
    with pytest.raises(UnreadablePictureError):
        convert(source, tmp_path / "target.webp", ImageFormat.WEBP, None, PLAIN)


def test_a_truncated_picture_is_refused(tmp_path: Path, original: Path) -> None:
    original.write_bytes(original.read_bytes()[:-4000])
    with pytest.raises(UnreadablePictureError):
        convert(original, tmp_path / "target.webp", ImageFormat.WEBP, None, PLAIN)


def test_the_next_options_are_tried_where_a_saver_fails(
    tmp_path: Path, original: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    webp = FORMATS[ImageFormat.WEBP]
    failing = type(webp)(webp.extension, webp.content_type, 16_383, True, ({"Q": -5}, *webp.attempts))
    monkeypatch.setitem(FORMATS, ImageFormat.WEBP, failing)  # type: ignore[arg-type]
    assert convert_to(tmp_path, original, ImageFormat.WEBP).size == (300, 200)
