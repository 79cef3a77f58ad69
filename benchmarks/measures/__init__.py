"""One module a measure, each with one function ``measure(bench) -> list of Row``."""
