"""Alerts: what calls for attention by itself, told to people, by mail and by webhook.

kinds.py      each kind: what it measures, where, and how much is too much
readings.py   what a rule measured at one or many moments, by the same statements
flows.py      what happened in the hours before these moments
rolled.py     the same out of what was counted ahead
episodes.py   when an alert begins and ends, as a function of readings
watching.py   the sweep that looks, keeps the history and tells
trial.py      what would have fired last month
"""
