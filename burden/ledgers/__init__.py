"""The ledgers of this app; importing them registers them."""

from burden.ledgers import demands as demands
from burden.ledgers import measures as measures
from burden.ledgers import schemes as schemes
from burden.ledgers import surveys as surveys
from burden.ledgers import visits as visits
