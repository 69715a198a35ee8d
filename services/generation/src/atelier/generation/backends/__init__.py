"""What can make a picture: one folder a backend, and the registry that knows them by their tool."""
