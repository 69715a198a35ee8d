"""Stored files: uploads, ingest, attachments, and where they can be fetched."""
