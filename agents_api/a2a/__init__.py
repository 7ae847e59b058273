"""The desk as an agent of the Agent2Agent protocol (A2A 1.0) over HTTP and JSON: one task for each case."""
