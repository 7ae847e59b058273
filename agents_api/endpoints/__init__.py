"""The endpoints of the REST API, one module per subject. Each validates and calls the domain."""
