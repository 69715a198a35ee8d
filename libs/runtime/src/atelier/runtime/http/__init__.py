"""The rules that every HTTP operation keeps: errors, pages, versions, idempotency, identity."""
