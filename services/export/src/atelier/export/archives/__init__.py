"""ZIP archives that are streamed from storage into storage."""
