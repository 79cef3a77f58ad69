"""The home screen, help, the language, and asking a person: what is there for everybody."""
