"""XMP packets: RDF as Adobe's specification of 2012 (ISO 16684-1) writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DC = "http://purl.org/dc/elements/1.1/"
META = "adobe:ns:meta/"
XML = "http://www.w3.org/XML/1998/namespace"
ATELIER = "urn:atelier:xmp:1.0:"
BEGIN = b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>'
END = b'<?xpacket end="r"?>'

for _prefix, _uri in {"rdf": RDF, "dc": DC, "x": META, "atelier": ATELIER}.items():
    ElementTree.register_namespace(_prefix, _uri)


def packet(
    *,
    title: str,
    description: str | None,
    keywords: Sequence[str],
    creator: str | None,
    identifiers: Mapping[str, str],
) -> bytes:
    """A packet: Dublin Core's fields, and ids in this system's namespace; what is empty is left out."""
    meta = ElementTree.Element(f"{{{META}}}xmpmeta")
    about = ElementTree.SubElement(
        ElementTree.SubElement(meta, f"{{{RDF}}}RDF"), f"{{{RDF}}}Description", {f"{{{RDF}}}about": ""}
    )
    _texts(about, "title", "Alt", [title])
    _texts(about, "description", "Alt", [description] if description else [])
    _texts(about, "subject", "Bag", keywords)
    _texts(about, "creator", "Seq", [creator] if creator else [])
    for name, value in identifiers.items():
        ElementTree.SubElement(about, f"{{{ATELIER}}}{name}").text = value
    # in ASCII with references: libvips puts it into a text chunk of PNG that others read as Latin-1
    return b"".join((BEGIN, ElementTree.tostring(meta, encoding="us-ascii", xml_declaration=False), END))


def _texts(about: ElementTree.Element, name: str, container: str, texts: Sequence[str]) -> None:
    """A Dublin Core field; the texts of an `Alt` are in the default language."""
    if not texts:
        return
    field = ElementTree.SubElement(about, f"{{{DC}}}{name}")
    holder = ElementTree.SubElement(field, f"{{{RDF}}}{container}")
    language = {f"{{{XML}}}lang": "x-default"} if container == "Alt" else {}
    for text in texts:
        ElementTree.SubElement(holder, f"{{{RDF}}}li", language).text = text
