"""The running program: the only floor that knows the outside world."""
