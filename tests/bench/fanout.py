"""`python -m tests.bench.fanout`: the floor of live pages, a server that repeats each line to everybody.

Says its port first. No protocol, no database, no rendering: what sockets and the machine cost.
"""

import asyncio


async def main() -> None:
    listeners: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listeners.add(writer)
        try:
            while line := await reader.readline():
                for listener in listeners:
                    listener.write(line)
        finally:
            listeners.discard(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**20)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
