"""A desk to look at: agents, people, a month of history, open cases, and agents that keep it alive.

Nothing imports this app. A deployment without demo data may leave it out of INSTALLED_APPS.
"""
