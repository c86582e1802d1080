"""What the portal is made of: a bill of every pin, and no package below its least safe version."""

import json
from importlib.metadata import PackageNotFoundError, version
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from packaging.version import Version

from partyaffairs.bill import LEAST, PINS, Least, bill_of, read_least, read_pins
from partyaffairs.management.commands import sbom

SAMPLE = f"""\
# made by the lock command
alpha==1.2 \\
    --hash=sha256:{"a" * 64} \\
    --hash=sha256:{"b" * 64}
    # via partyaffairs (pyproject.toml)
beta-two==3.0 ; python_full_version < '3.12' \\
    --hash=sha256:{"c" * 64}
    # via
    #   alpha
    #   partyaffairs (pyproject.toml)
"""
LEAST_SAFE = read_least(LEAST.read_text())
PINNED = read_pins(PINS.read_text())


def test_pins_are_read_with_hashes_conditions_and_who_wants_them() -> None:
    alpha, beta = read_pins(SAMPLE)
    assert (alpha.name, alpha.version, alpha.only, alpha.wanted_by) == ("alpha", "1.2", "", ("partyaffairs",))
    assert alpha.hashes == ("a" * 64, "b" * 64)
    assert (beta.only, beta.wanted_by) == ("python_full_version < '3.12'", ("alpha", "partyaffairs"))
    assert beta.address == "pkg:pypi/beta-two@3.0"


def test_the_bill_says_who_wants_whom_and_stays_the_same() -> None:
    pins = read_pins(SAMPLE)
    bill = bill_of(pins, name="partyaffairs", version="0.1.0")
    assert bill == bill_of(pins, name="partyaffairs", version="0.1.0")
    assert bill["serialNumber"] != bill_of(pins[:1], name="partyaffairs", version="0.1.0")["serialNumber"]
    assert bill["dependencies"] == [
        {
            "ref": "pkg:generic/partyaffairs@0.1.0",
            "dependsOn": ["pkg:pypi/alpha@1.2", "pkg:pypi/beta-two@3.0"],
        },
        {"ref": "pkg:pypi/alpha@1.2", "dependsOn": ["pkg:pypi/beta-two@3.0"]},
        {"ref": "pkg:pypi/beta-two@3.0", "dependsOn": []},
    ]


def test_the_command_prints_every_pin_once(tmp_path: Path) -> None:
    out, file = StringIO(), tmp_path / "sbom.json"
    call_command("sbom", stdout=out)
    call_command("sbom", output=file)
    bill = json.loads(out.getvalue())
    assert bill == json.loads(file.read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    lines = [line for line in PINS.read_text().splitlines() if line[:1].isalnum() and "==" in line]
    assert len(bill["components"]) == len(lines)
    assert len({(part["bom-ref"]) for part in bill["components"]}) == len(lines)
    assert all(part["properties"] for part in bill["components"])
    known = {part["bom-ref"] for part in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    assert {ref for row in bill["dependencies"] for ref in (row["ref"], *row["dependsOn"])} == known


@pytest.mark.parametrize("least", LEAST_SAFE, ids=[least.name for least in LEAST_SAFE])
def test_nothing_stands_below_its_least_safe_version(least: Least) -> None:
    pinned = [pin.version for pin in PINNED if pin.name == least.name]
    assert pinned
    assert least.why
    for found in (*pinned, installed(least.name)):
        assert Version(found) >= Version(least.version)


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # pinned for another interpreter
        return "9999"


def test_an_old_version_is_named_and_ends_the_check(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    out, wrong = StringIO(), StringIO()
    call_command("sbom", check=True, stdout=out)
    assert out.getvalue() == f"{len(LEAST_SAFE)} packages are at or above their least safe version.\n"
    table = tmp_path / "least.yaml"
    table.write_text("django: {version: '99', why: 'a hole'}\npyyaml: {version: '1', why: 'none'}\n")
    monkeypatch.setattr(sbom, "LEAST", table)
    with pytest.raises(SystemExit):
        call_command("sbom", check=True, stderr=wrong)
    pin = next(pin.version for pin in PINNED if pin.name == "django")
    assert wrong.getvalue() == f"django {pin} is older than 99: a hole\n"
