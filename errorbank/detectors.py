"""The detectors of this app, in the order of the bank; docs/detection.md says why other entries have none."""

from errorbank.detection.contents import CONTENT_DETECTORS
from errorbank.detection.development import DEVELOPMENT_DETECTORS
from errorbank.detection.meetings import MEETING_DETECTORS
from errorbank.detection.rectification import RECTIFICATION_DETECTORS
from errorbank.detection.registry import Detector
from errorbank.detection.structure import STRUCTURE_DETECTORS
from errorbank.detection.votes import VOTE_DETECTORS

DETECTORS: tuple[Detector, ...] = tuple(
    sorted(
        (
            *STRUCTURE_DETECTORS,
            *MEETING_DETECTORS,
            *CONTENT_DETECTORS,
            *VOTE_DETECTORS,
            *DEVELOPMENT_DETECTORS,
            *RECTIFICATION_DETECTORS,
        ),
        key=lambda detector: detector.code,
    )
)
