"""Ingest: files that other services' requests name become resources, or are those already."""
