"""Whether what others sent is sound: JSON Schemas and what they cost, checkpoints, answers of tools."""
