"""The ledgers of this app; importing them registers them."""

from training.ledgers import sessions as sessions
