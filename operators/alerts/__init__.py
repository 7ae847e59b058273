"""Alerts: rules, history, trial."""
