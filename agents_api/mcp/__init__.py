"""The desk as a server of the Model Context Protocol, at `/mcp` (docs/decisions/0018)."""
