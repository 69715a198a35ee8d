"""Resolution presets: named picture sizes."""
