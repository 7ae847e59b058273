"""What explains the API: its OpenAPI document, the examples in it, and pages to read."""
