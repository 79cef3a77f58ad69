"""The year's notes: words, photos, documents and voice messages kept for the self-assessment."""
