"""What is remembered: the only floor with SQL."""
