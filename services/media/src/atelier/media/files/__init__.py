"""Files by path: redirects to where a stored picture can be fetched, in the format that is asked for."""
