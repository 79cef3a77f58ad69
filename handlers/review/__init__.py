"""The yearly self-assessment: forms as data of the year, points and grades, what may follow from them."""
