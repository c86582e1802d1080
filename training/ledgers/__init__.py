"""The ledgers of this app; importing them registers them."""

from training.ledgers import contests as contests
from training.ledgers import outputs as outputs
from training.ledgers import rotation as rotation
from training.ledgers import sessions as sessions
