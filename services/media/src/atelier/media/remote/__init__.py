"""Fetching pictures from other people's servers, and from nowhere else."""
