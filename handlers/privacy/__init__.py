"""What a person may know and decide about their own data."""
