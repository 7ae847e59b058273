"""The people of the desk: what they hold and how much fits, what their desk shows, what they are told."""
