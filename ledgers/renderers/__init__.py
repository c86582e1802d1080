"""Three renderings of one document: page, Excel and PDF."""
