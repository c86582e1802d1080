"""Reading spreadsheets that people upload: gate, child process, table finding, values, error column.

The order of use: `check_workbook` (zip directory only), `read_sheets` (a limited child parses),
`find_table` for each sheet with rows, the parsers of `values` and `dates` cell by cell,
`with_error_column` for the way back.
"""
