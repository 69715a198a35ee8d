"""Shots: the pictures to deliver, and the chain of attempts at each."""
