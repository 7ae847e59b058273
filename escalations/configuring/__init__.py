"""The settings of the desk as a file: written out, compared, applied.

    schema.py      what a file may hold (docs/desk.schema.json)
    document.py    reads a file, and knows on which line what stands
    sections.py    each part of the settings: how it is now, and how it is changed
    applying.py    what a file would change, and changing it, all or nothing

What a file does not name stays as it is. Passwords, keys and secrets are in no file.
"""
