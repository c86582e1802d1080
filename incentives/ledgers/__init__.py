"""The ledgers of this app; importing them registers them."""

from incentives.ledgers import contributions as contributions
from incentives.ledgers import honours as honours
from incentives.ledgers import levels as levels
from incentives.ledgers import sheets as sheets
