"""Labels: entered, corrected, imported, and what they mean."""
