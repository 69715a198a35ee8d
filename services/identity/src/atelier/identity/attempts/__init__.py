"""Attempts to log in: counted by account and by address, and made to wait where they are many."""
