"""The ledgers of this app; importing them registers them."""
