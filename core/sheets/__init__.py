"""Google Sheets without Google: ranges, headers, cells, times, which row is which, and what each side must do."""
