"""The anonymous channel (匿名直通车): what arrives under /box/, how it waits sealed, and who may open it."""
