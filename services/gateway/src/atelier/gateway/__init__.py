"""The one front door: who asks, where it goes, and nothing else."""
