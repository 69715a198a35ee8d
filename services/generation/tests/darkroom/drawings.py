"""Pictures for tests, drawn here: garments on plain paper, a person, a background."""

from __future__ import annotations

from pathlib import Path

import pyvips

TEE = """<path d="M300 170 Q400 235 500 170 L640 225 L730 400 L610 455 L590 390 L598 880 Q400 905 202 880
 L210 390 L190 455 L70 400 L160 225 Z" fill="{colour}" stroke="{edge}" stroke-width="3"/>
<path d="M300 170 Q400 262 500 170 Q400 222 300 170 Z" fill="{edge}"/>
<path d="M210 390 Q222 600 214 870 M590 390 Q578 600 586 870
 M330 500 Q360 700 340 860 M470 470 Q450 640 480 850"
 stroke="{edge}" stroke-opacity="0.45" stroke-width="5" fill="none"/>
<circle cx="400" cy="430" r="88" fill="#ffffff"/>
<path d="M352 430 L400 372 L448 430 L400 488 Z" fill="#d8482f"/>"""

DRESS = """<path d="M318 90 Q330 150 400 172 Q470 150 482 90 L520 96 Q520 210 508 330 L494 420
 Q560 640 640 930 Q400 985 160 930 Q240 640 306 420 L292 330 Q280 210 280 96 Z"
 fill="{colour}" stroke="{edge}" stroke-width="3"/>
<path d="M306 420 Q400 446 494 420" stroke="{edge}" stroke-width="9" fill="none"/>
<path d="M350 440 Q320 700 270 940 M400 446 L400 955 M450 440 Q480 700 530 940 M330 440 Q270 700 215 930
 M470 440 Q530 700 585 930" stroke="{edge}" stroke-opacity="0.5" stroke-width="6" fill="none"/>"""

TROUSERS = """<path d="M270 80 L530 80 L560 300 Q565 640 540 940 L425 940 L402 380 L378 940 L260 940
 Q235 640 240 300 Z" fill="{colour}" stroke="{edge}" stroke-width="3"/>
<path d="M268 112 L532 112" stroke="{edge}" stroke-width="6"/>
<path d="M402 112 L402 300 M285 120 Q290 190 250 215 M515 120 Q510 190 550 215 M320 300 L318 930
 M482 300 L486 930"
 stroke="{edge}" stroke-opacity="0.6" stroke-width="5" fill="none"/>"""

PERSON = """<ellipse cx="400" cy="112" rx="58" ry="76" fill="#e0b394"/>
<path d="M340 100 Q338 24 400 26 Q464 24 460 104 Q440 62 400 64 Q360 62 340 100 Z" fill="#3b2a23"/>
<rect x="376" y="176" width="48" height="50" fill="#d5a583"/>
<path d="M400 212 Q485 214 512 250 Q532 300 538 420 L552 600 L524 604 L500 430 L492 330 L488 560
 L500 700 L482 1060 L486 1110 L430 1110 L428 1060 L404 720 L396 720 L372 1060 L370 1110 L314 1110 L318 1060
 L300 700 L312 560 L308 330 L300 430 L276 604 L248 600 L262 420 Q268 300 288 250 Q315 214 400 212 Z"
 fill="#e0b394"/>
<path d="M308 340 L492 340 L490 620 Q400 650 310 620 Z" fill="#b9bcc4"/>
<path d="M312 1085 L372 1085 L374 1122 L296 1122 Z
 M428 1085 L488 1085 L504 1122 L426 1122 Z" fill="#2c2c30"/>"""


def draw(
    shapes: str, file: Path, *, paper: str | None = "#ffffff", size: tuple[int, int] = (800, 1000)
) -> Path:
    """An SVG of these shapes as a picture in the suffix's format; `paper` None leaves it clear."""
    back = f'<rect width="100%" height="100%" fill="{paper}"/>' if paper else ""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}">{back}{shapes}</svg>'
    image = pyvips.Image.svgload_buffer(svg.encode())
    flat = image if paper is None else image.flatten()
    flat.write_to_file(str(file), **({"Q": 72} if file.suffix == ".jpg" else {}))
    return file


def tee(file: Path, colour: str = "#27508c", edge: str = "#1a3763", **how: str | None) -> Path:
    """A shirt with a white print: white inside that has to stay."""
    return draw(TEE.format(colour=colour, edge=edge), file, **how)  # type: ignore[arg-type]


def dress(file: Path, colour: str = "#a33a4a", edge: str = "#7c2534", **how: str | None) -> Path:
    """Something long."""
    return draw(DRESS.format(colour=colour, edge=edge), file, **how)  # type: ignore[arg-type]


def trousers(file: Path, colour: str = "#4a4d3c", edge: str = "#2f3226", **how: str | None) -> Path:
    """Something with legs."""
    return draw(TROUSERS.format(colour=colour, edge=edge), file, **how)  # type: ignore[arg-type]


def person(file: Path, paper: str = "#eceef0") -> Path:
    """Somebody from head to foot before a studio's wall."""
    return draw(PERSON, file, paper=paper, size=(800, 1150))


def street(file: Path, size: tuple[int, int] = (1400, 1000)) -> Path:
    """A background with something to see in it."""
    width, height = size
    shapes = (
        '<defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#9fb8cf"/>'
        '<stop offset="1" stop-color="#e9d9c4"/></linearGradient></defs>'
        f'<rect width="{width}" height="{height}" fill="url(#s)"/>'
        + "".join(
            f'<rect x="{n * width / 7}" y="{height * (0.15 + 0.07 * (n % 3))}" width="{width / 8}" '
            f'height="{height}" fill="#{("b98d6b", "c9a98a", "8f9aa3", "a7826a")[n % 4]}"/>'
            for n in range(8)
        )
        + f'<rect y="{height * 0.78}" width="{width}" height="{height * 0.22}" fill="#8d8a86"/>'
    )
    return draw(shapes, file, size=size)
