"""When an agent must ask a person: rules, their evaluation and history, and what a draft would have done."""
