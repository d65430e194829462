"""What can be found before a script runs."""
