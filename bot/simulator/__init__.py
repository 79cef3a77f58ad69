"""A local Bot API server with phones in a web page: it refuses what Telegram refuses, with Telegram's words."""
