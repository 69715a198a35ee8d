"""Products: what is photographed."""
