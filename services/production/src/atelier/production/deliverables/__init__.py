"""Deliverables: shots with all that names and describes their files, as export reads them."""
