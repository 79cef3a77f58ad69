"""The whole form played with invented data, of which nothing is kept."""
