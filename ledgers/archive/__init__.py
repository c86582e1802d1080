"""The archive of a year: every ledger of an organisation as Excel and PDF in one file with an index."""
