"""What is printed: a member's self-assessment on official paper, from templates that a secretary can change."""
