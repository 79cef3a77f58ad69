"""The tasks of the year: what a member was given to do, and how it ended."""
