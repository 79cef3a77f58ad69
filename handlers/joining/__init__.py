"""The way in: a one-time code, consent in words, and a secretary who approves."""
