"""Export tasks: archives of approved pictures, made in the background."""
