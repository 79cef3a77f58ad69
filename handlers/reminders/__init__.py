"""Reminders, the call list, cycles and their deadlines: whom to remind of what, when, and when to stop."""
