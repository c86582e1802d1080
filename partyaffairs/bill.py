"""Leaf: the pinned packages as a bill of materials (CycloneDX 1.6), and the least versions that are safe."""

import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
PINS = REQUIREMENTS / "base.txt"
LEAST = REQUIREMENTS / "least_safe.yaml"
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<only>[^\\]+?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"^\s+#\s+(?:via\s+)?(?P<name>[A-Za-z0-9._-]+)")
# Names of one and the same thing in any bill made from the same pins.
_NAMESPACE = uuid.UUID("6f1c2c0e-7d0b-5a55-9a43-0d8a4c3b6d11")


@dataclass(frozen=True)
class Pin:
    """One package; `only` is the condition under which it is installed, `hashes` of its files."""

    name: str
    version: str
    only: str
    hashes: tuple[str, ...]
    wanted_by: tuple[str, ...]

    @property
    def address(self) -> str:
        """Its package URL."""
        return f"pkg:pypi/{self.name.lower().replace('_', '-')}@{self.version}"


@dataclass(frozen=True)
class Least:
    """Below this version a package has a known hole, or lacks what a promise of ours stands on."""

    name: str
    version: str
    why: str


def read_pins(text: str) -> list[Pin]:
    """Every pin of a requirements file with hashes, in its order."""
    found: list[Pin] = []
    for line in text.splitlines():
        if match := _PIN.match(line):
            found.append(Pin(match["name"], match["version"], match["only"] or "", (), ()))
        elif found:
            found[-1] = _with_line(found[-1], line)
    return found


def _with_line(pin: Pin, line: str) -> Pin:
    hashes = (*pin.hashes, *_HASH.findall(line))
    via = _VIA.match(line)
    wanted = (*pin.wanted_by, via["name"]) if via and via["name"] != "via" else pin.wanted_by
    return Pin(pin.name, pin.version, pin.only, hashes, wanted)


def read_least(text: str) -> list[Least]:
    return [Least(name, str(row["version"]), row["why"]) for name, row in yaml.safe_load(text).items()]


def bill_of(pins: list[Pin], *, name: str, version: str) -> dict[str, Any]:
    """The bill as CycloneDX writes it. Nothing in it changes while the pins stay the same."""
    root = f"pkg:generic/{name}@{version}"
    content = "\n".join([root, *(f"{pin.address} {pin.only}" for pin in pins)])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, content)}",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": root, "name": name, "version": version}},
        "components": [_component(pin) for pin in pins],
        "dependencies": _dependencies(pins, root, name),
    }


def _component(pin: Pin) -> dict[str, Any]:
    """Several files of one version have each a hash of their own: they stand as properties."""
    properties = [{"name": "pinned:sha256", "value": value} for value in pin.hashes]
    if pin.only:
        properties.append({"name": "pinned:only", "value": pin.only})
    return {
        "type": "library",
        "bom-ref": pin.address,
        "name": pin.name,
        "version": pin.version,
        "purl": pin.address,
        "properties": properties,
    }


def _dependencies(pins: list[Pin], root: str, name: str) -> list[dict[str, Any]]:
    """Who wants whom; a package that no other wants by its name is wanted by the application."""
    wants: dict[str, list[str]] = {one: [] for one in (name, *(pin.name for pin in pins))}
    for pin in pins:
        for other in pin.wanted_by or (name,):
            wants.setdefault(other, []).append(pin.address)
    refs = {pin.name: pin.address for pin in pins} | {name: root}
    return [{"ref": refs[one], "dependsOn": sorted(wants[one])} for one in wants if one in refs]
