"""The cell's summary: figures, picture, spreadsheet."""
