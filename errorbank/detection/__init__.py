"""What stored data can tell about entries of the bank: leaf with one detector an entry.

A detector reads facts as they stood on a day and says where an error shows. It only points: a person makes a
finding of it. The same answer decides rechecks of entries it knows.
"""

from errorbank.detection.registry import (
    Batch,
    Detector,
    Hit,
    all_detectors,
    decidable,
    detector_of,
    hits_of,
)

__all__ = ["Batch", "Detector", "Hit", "all_detectors", "decidable", "detector_of", "hits_of"]
