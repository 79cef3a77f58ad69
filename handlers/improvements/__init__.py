"""What members promised to mend: a day for each admitted shortcoming, and how it stands."""
