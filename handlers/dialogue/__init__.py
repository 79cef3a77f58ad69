"""The engine and its words: flows as values, one pure function that moves them, no I/O anywhere."""
