"""What people can do with the bot: one room per capability, no messenger, no SQL, no clock of its own."""
