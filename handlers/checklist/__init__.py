"""The seven points: a cell's list of the year, and where each member stands with each point."""
