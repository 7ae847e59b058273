"""Whether an agent's confidence can be trusted, and the threshold that follows."""
