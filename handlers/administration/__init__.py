"""What the administrator of the installation sees."""
