"""The figures of the desk: cards, charts and tables of the registry, down to the cases behind each."""
