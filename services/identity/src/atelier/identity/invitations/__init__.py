"""Invitations: how somebody becomes a member by an address and a token."""
