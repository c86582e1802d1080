"""The detectors of this app, in the order of the bank."""

from errorbank.detection.meetings import MEETING_DETECTORS
from errorbank.detection.registry import Detector

DETECTORS: tuple[Detector, ...] = (*MEETING_DETECTORS,)
