"""Looking at pictures and converting them: what runs in memory-limited processes, light to import there."""
