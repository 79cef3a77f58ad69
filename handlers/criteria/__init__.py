"""The criteria of the points: what the committee divides a group's points into, entered by the cell's secretary."""
