"""`python -m tests.bench.waker`: the floor of long-polls, a server that answers a connection when told.

Says its port first. A connection names itself by its first line; `wake NAME` from any other answers it.
"""

import asyncio


async def main() -> None:
    waiting: dict[bytes, asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := (await reader.readline()).strip():
            if line.startswith(b"wake "):
                waiting.pop(line[5:]).write(b"awake\n")
            else:
                waiting[line] = writer

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
