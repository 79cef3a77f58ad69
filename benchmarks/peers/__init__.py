"""Bare bots of the field, each a script that needs only its own library (requirements.lock)."""
