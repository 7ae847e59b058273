"""Datasets: chosen, built, looked at, taken."""
