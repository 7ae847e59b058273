"""Whether an agent's confidence can be trusted, and from which threshold on it may work alone.

`measures` and `threshold` are pure functions of numbers. They need numpy and scipy, which a web process loads
only when somebody opens the page: import them inside the functions that use them.
"""
