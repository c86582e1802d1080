"""XML of an untrusted file as events: no DTD, no entities, nothing fetched, nothing kept. Child side."""

from abc import ABC, abstractmethod
from typing import IO
from xml.sax import ContentHandler, SAXException
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml import sax as defused_sax

Forbidden = DefusedXmlException
Malformed = SAXException
Attributes = AttributesImpl


class Events(ContentHandler, ABC):
    """Element names come without their prefix: writers differ in it, the meaning does not."""

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - the name SAX gives it
        self.opened(local(name), attrs)

    def endElement(self, name: str) -> None:  # noqa: N802 - the name SAX gives it
        self.closed(local(name))

    @abstractmethod
    def opened(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def closed(self, name: str) -> None:
        """Most parts say everything in attributes."""


def local(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name else name


def parse(source: IO[bytes], events: Events) -> None:
    """Send the XML of `source` to `events`. Raises Forbidden for any DTD, Malformed for what is no XML."""
    defused_sax.parse(source, events, forbid_dtd=True)
