"""Background presets: what is behind the subject, a picture per framing."""
