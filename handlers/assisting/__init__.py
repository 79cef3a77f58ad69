"""Somebody of the cell types for a member who cannot; the member says whether the words are theirs."""
