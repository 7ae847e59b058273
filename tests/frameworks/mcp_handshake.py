"""Run with the frameworks: what a client of the generation with a handshake agrees on and finds."""

import asyncio
import os

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


async def main() -> None:
    headers = {"Authorization": f"Bearer {os.environ['HANDRAIL_KEY']}"}
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Client(
            streamable_http_client(f"{os.environ['HANDRAIL_URL']}/mcp", http_client=http), mode="legacy"
        ) as client,
    ):
        tools = (await client.list_tools()).tools
        assert not (await client.call_tool("should_escalate", {"confidence": 0.4})).is_error
        print(client.protocol_version, *(tool.name for tool in tools))


asyncio.run(main())
