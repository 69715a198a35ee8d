"""The compositor: the product cut cleanly, before its background, the same picture for the same seed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import pyvips

from atelier.contracts.enums import ShotTypeFraming
from atelier.generation.backends.compositor.compose import compose
from atelier.generation.backends.compositor.cutout import cut_out
from atelier.generation.backends.compositor.placing import Kind, kind_of
from atelier.generation.backends.compositor.recipe import Recipe
from atelier.generation.backends.compositor.work import Frame, Sources, UnusablePictureError
from darkroom import drawings

Pixels = npt.NDArray[np.int16]
BLUE, RED, WHITE = (39, 80, 140), (216, 72, 47), (255, 255, 255)
WIDTH, HEIGHT = 256, 384


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where drawings lie."""
    return tmp_path_factory.mktemp("drawn")


@pytest.fixture(scope="module")
def tee(folder: Path) -> Path:
    """A blue shirt with a white print, on white paper, as a JPEG with its noise."""
    return drawings.tee(folder / "tee.jpg")


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Pixels]:
    """Compose and read the pixels."""

    def make(product: Path, *, seed: int = 1, framing: str = "full_body", **others: Path) -> Pixels:
        sources = Sources(str(product), **{name: str(path) for name, path in others.items()})
        file = tmp_path / f"{seed}.png"
        compose(sources, Frame(WIDTH, HEIGHT, framing, "PNG"), seed, str(file))
        return pixels(file)

    return make


def pixels(file: Path) -> Pixels:
    """A picture's colours, 0 to 255."""
    read: Pixels = pyvips.Image.new_from_file(str(file)).numpy()[..., :3].astype(np.int16)
    return read


def share(picture: Pixels, colour: tuple[int, int, int], within: int = 40) -> float:
    """Which part of a picture looks like this colour."""
    return float((np.abs(picture - np.asarray(colour)).max(axis=2) < within).mean())


def difference(one: Pixels, other: Pixels) -> float:
    """How far apart two pictures are on average, of 255."""
    return float(np.abs(one - other).mean())


def matte_of(file: Path, longest: int = 800) -> npt.NDArray[np.float32]:
    """The alpha of what is cut out."""
    cut = cut_out(str(file), longest)
    assert cut.clean
    return cut.matte


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_a_product_on_white_paper_is_cut_at_its_outline(folder: Path, suffix: str) -> None:
    drawn = drawings.tee(folder / f"outline.{suffix}")
    clear = drawings.tee(folder / "outline_clear.png", paper=None)
    truth, cut = matte_of(clear), matte_of(drawn)
    assert abs(truth.shape[0] - cut.shape[0]) <= 4
    assert abs(truth.shape[1] - cut.shape[1]) <= 4
    height, width = min(truth.shape[0], cut.shape[0]), min(truth.shape[1], cut.shape[1])
    wrong = np.abs(truth[:height, :width] - cut[:height, :width]) > 0.5
    assert wrong.mean() < 0.012


def test_white_inside_the_product_stays(tee: Path) -> None:
    cut = cut_out(str(tee), 800)
    height, width = cut.matte.shape
    print_ = cut.sprite[int(height * 0.32) : int(height * 0.38), int(width * 0.39) : int(width * 0.41)]
    assert print_.min() > 0.9, "white and opaque"


def test_a_white_product_on_white_paper_is_held_by_its_outline(folder: Path) -> None:
    white = drawings.tee(folder / "white.jpg", colour="#fbfbfa", edge="#cfcfcc")
    assert abs(float(matte_of(white).mean()) - float(matte_of(drawings.tee(folder / "t.png")).mean())) < 0.03


@pytest.mark.parametrize("paper", ["#f4f1ec", "#c9d4d8", "#30343a", "#7fbf6a"])
def test_paper_of_any_colour_will_do(folder: Path, paper: str) -> None:
    truth = float(matte_of(drawings.dress(folder / "dress.png")).mean())
    assert abs(float(matte_of(drawings.dress(folder / "on_paper.jpg", paper=paper)).mean()) - truth) < 0.02


def test_paper_may_be_lit_unevenly(folder: Path) -> None:
    even = pyvips.Image.new_from_file(str(drawings.tee(folder / "even.png")))
    falling = 1 - pyvips.Image.xyz(even.width, even.height)[1] / even.height * 0.12
    (even[:3] * falling).cast("uchar").write_to_file(str(folder / "uneven.jpg"))
    truth = float(matte_of(folder / "even.png").mean())
    assert abs(float(matte_of(folder / "uneven.jpg").mean()) - truth) < 0.02


def test_a_picture_with_a_cut_of_its_own_keeps_it(folder: Path) -> None:
    cut = cut_out(str(drawings.tee(folder / "clear.png", paper=None)), 800)
    assert cut.clean
    assert float(cut.matte[0, 0]) == 0


def test_what_cant_be_cut_is_shown_as_a_card(folder: Path, picture: Callable[..., Pixels]) -> None:
    street = drawings.street(folder / "busy.jpg")
    cut = cut_out(str(street), 800)
    assert not cut.clean
    assert float(cut.matte.mean()) > 0.9
    assert picture(street).shape == (HEIGHT, WIDTH, 3)


def test_what_a_product_is_worn_as_is_told_by_its_outline(folder: Path, tee: Path) -> None:
    kinds = {
        "tee": kind_of(cut_out(str(tee), 400), "full_body"),
        "dress": kind_of(cut_out(str(drawings.dress(folder / "d.jpg")), 400), "full_body"),
        "trousers": kind_of(cut_out(str(drawings.trousers(folder / "t.jpg")), 400), "full_body"),
    }
    assert kinds == {"tee": Kind.TOP, "dress": Kind.LONG, "trousers": Kind.LEGS}


@pytest.mark.parametrize("framing", [*ShotTypeFraming, "one that comes later"])
@pytest.mark.parametrize("worn", [False, True])
def test_every_framing_shows_the_product(
    tee: Path, folder: Path, picture: Callable[..., Pixels], framing: str, worn: bool
) -> None:
    others = {"subject": drawings.person(folder / "person.jpg")} if worn else {}
    made = picture(tee, framing=framing, **others)
    assert made.shape == (HEIGHT, WIDTH, 3)
    assert share(made, BLUE) > 0.02
    if framing != "lower_body":
        assert share(made, RED) > 0.0005, "the print isn't covered"


def test_closer_framings_show_the_product_larger(tee: Path, picture: Callable[..., Pixels]) -> None:
    shares = [
        share(picture(tee, framing=one), BLUE) for one in ("full_body", "upper_body", "close_up", "detail")
    ]
    assert shares == sorted(shares)


def test_somebody_wears_it(tee: Path, folder: Path, picture: Callable[..., Pixels]) -> None:
    made = picture(tee, subject=drawings.person(folder / "person.jpg"))
    skin, blue = (
        np.abs(made - np.asarray((224, 179, 148))).max(axis=2) < 40,
        np.abs(made - BLUE).max(axis=2) < 40,
    )
    assert skin.mean() > 0.02
    head, shirt = np.flatnonzero(skin.any(axis=1))[0], np.flatnonzero(blue.any(axis=1))
    assert head < shirt[0] < shirt[-1] < HEIGHT * 0.65


def test_the_background_is_the_presets(tee: Path, folder: Path, picture: Callable[..., Pixels]) -> None:
    green = drawings.draw("", folder / "green.png", paper="#3fa05a", size=(900, 300))
    made = picture(tee, background=green)
    assert share(made, (63, 160, 90), within=30) > 0.35
    assert share(made, BLUE) > 0.1


def test_nothing_of_the_paper_is_left_around_the_product(
    tee: Path, folder: Path, picture: Callable[..., Pixels]
) -> None:
    dark = drawings.draw("", folder / "dark.png", paper="#15181c", size=(300, 400))
    made = picture(tee, background=dark)
    bright = made.min(axis=2) > 150
    rows, columns = np.nonzero(bright)
    print_ = np.nonzero(np.abs(made - RED).max(axis=2) < 60)
    middle = (print_[0].mean(), print_[1].mean())
    outside = np.hypot(rows - middle[0], columns - middle[1]) > 0.14 * WIDTH
    assert outside.mean() < 0.02, "only the print is bright"


@pytest.mark.parametrize("file_format", ["JPG", "PNG", "WEBP"])
def test_the_same_seed_makes_the_same_bytes_of_the_size_and_format_asked_for(
    tee: Path, folder: Path, tmp_path: Path, file_format: str
) -> None:
    sources = Sources(
        str(tee), str(drawings.person(folder / "p.jpg")), str(drawings.street(folder / "s.jpg"))
    )
    for name in ("one", "other"):
        compose(sources, Frame(301, 203, "upper_body", file_format), 12, str(tmp_path / name))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    image = pyvips.Image.new_from_file(str(tmp_path / "one"))
    loader = {"JPG": "jpegload", "PNG": "pngload", "WEBP": "webpload"}[file_format]
    assert (image.width, image.height, image.get("vips-loader")) == (301, 203, loader)
    assert not [field for field in image.get_fields() if field.startswith(("exif", "xmp"))]


@pytest.mark.parametrize("behind", [False, True])
def test_different_seeds_differ_visibly(
    tee: Path, folder: Path, picture: Callable[..., Pixels], behind: bool
) -> None:
    others = {"background": drawings.street(folder / "street.jpg")} if behind else {}
    made = [picture(tee, seed=seed, **others) for seed in range(6)]
    apart = [difference(one, other) for n, one in enumerate(made) for other in made[:n]]
    assert min(apart) > 4, "of 255, over all pixels"


def test_a_seed_decides_by_itself() -> None:
    recipes = [Recipe.of(seed) for seed in (0, 1, -1, 2**63 - 1)]
    assert len(set(recipes)) == 4
    assert Recipe.of(7) == Recipe.of(7)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("empty", b""),
        ("text", b"no picture at all"),
        ("head", b"\xff\xd8\xff\xe0\x00\x10JFIF"),
        ("html", b"<html>"),
    ],
)
def test_what_is_no_picture_is_refused_in_any_place(
    tee: Path, tmp_path: Path, name: str, body: bytes
) -> None:
    bad = tmp_path / name
    bad.write_bytes(body)
    frame = Frame(64, 64, "full_body", "JPG")
    for sources in (Sources(str(bad)), Sources(str(tee), str(bad)), Sources(str(tee), None, str(bad))):
        with pytest.raises(UnusablePictureError):
            compose(sources, frame, 1, str(tmp_path / "out"))


def test_a_picture_that_breaks_off_is_refused(tee: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.jpg"
    half.write_bytes(tee.read_bytes()[: tee.stat().st_size // 2])
    with pytest.raises(UnusablePictureError):
        compose(Sources(str(half)), Frame(64, 64, "full_body", "JPG"), 1, str(tmp_path / "out"))


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 2)])
def test_tiny_and_narrow_pictures_are_no_trouble(tmp_path: Path, size: tuple[int, int]) -> None:
    small = drawings.draw("", tmp_path / "small.png", size=size)
    for width, height in ((16, 16), (500, 8)):
        out = tmp_path / f"{width}.png"
        compose(Sources(str(small)), Frame(width, height, "detail", "PNG"), 1, str(out))
        image = pyvips.Image.new_from_file(str(out))
        assert (image.width, image.height) == (width, height)


def test_a_portrait_takes_well_under_two_seconds_of_processor_time(tee: Path, tmp_path: Path) -> None:
    started = time.process_time()
    compose(Sources(str(tee)), Frame(1024, 1536, "full_body", "JPG"), 1, str(tmp_path / "out.jpg"))
    assert time.process_time() - started < 3.0, "twice what it takes, on a busy machine"
