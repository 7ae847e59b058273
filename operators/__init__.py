"""The door of the people: queue, case, metrics and settings in the browser."""
