"""Turns rows into PDF in a process of its own: JSON on stdin, PDF on stdout.

Run as `python -m ledgers.renderers.typst_child --memory MB --cpu SECONDS --fonts FOLDER`. It knows neither
Django nor the database. All words are data of the layout, never its source; it has no files and no net.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import typst

from ledgers.processes import limit

SOURCE = Path(__file__).with_name("ledger.typ")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory", type=int, required=True)
    parser.add_argument("--cpu", type=int, required=True)
    parser.add_argument("--fonts", required=True)
    options = parser.parse_args()
    limit(memory=options.memory * 1024 * 1024, cpu=options.cpu)
    data = sys.stdin.buffer.read().decode()
    with tempfile.TemporaryDirectory() as empty:  # whatever a layout could ask for lies in its root
        sys.stdout.buffer.write(
            typst.compile(
                SOURCE.read_bytes(),
                root=empty,
                font_paths=[options.fonts],
                sys_inputs={"data": data},
                timestamp=0,
                pdf_tags=False,
            )
        )


if __name__ == "__main__":
    main()
