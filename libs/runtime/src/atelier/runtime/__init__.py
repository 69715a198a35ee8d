"""What every service needs to be safe, and nothing that is about fashion."""
