"""The cell's people: roster, members, roles, and the one table that says who may do what."""
