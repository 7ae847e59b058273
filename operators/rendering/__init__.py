"""Ways to show and to send: hostile Markdown, differences of JSON, rows for spreadsheets, long answers."""
