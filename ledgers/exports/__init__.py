"""What was exported: kept with its rows, made again, compared with now, found by what a paper says."""
