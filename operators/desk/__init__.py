"""The frame of every page, and what a person sees of themselves: notices, keys, preferences, their day."""
