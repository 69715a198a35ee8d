"""Identity: who somebody is, and what their organizations let them do."""
