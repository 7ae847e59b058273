"""Kinds of form fields that pages share."""
