"""``python -m bot``: the door for the person who runs the bot."""

from bot.lean import lean_start

with lean_start():
    from bot.cli import main

if __name__ == "__main__":
    main()
