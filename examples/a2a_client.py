"""An agent that asks the desk as another agent: it finds its card, sends a message, and follows the task.

This client gives up after a second and sends its message again, as real ones do; that makes no second task.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from a2a.client import A2AClientTimeoutError, Client, ClientCallContext, ClientConfig, create_client
from a2a.types import (
    GetTaskRequest,
    Message,
    Part,
    Role,
    SendMessageRequest,
    SubscribeToTaskRequest,
    Task,
    TaskState,
)
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Value

REFUND = {"tool_call_id": "call_1", "name": "refund", "arguments": {"order": "W100", "amount": 900}}
OVER = {TaskState.TASK_STATE_COMPLETED, TaskState.TASK_STATE_FAILED, TaskState.TASK_STATE_CANCELED}


@asynccontextmanager
async def desk(*, streaming: bool) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {os.environ['HANDRAIL_KEY']}"}
    async with httpx.AsyncClient(headers=headers) as http:
        config = ClientConfig(
            streaming=streaming, httpx_client=http, supported_protocol_bindings=["HTTP+JSON"]
        )
        yield await create_client(os.environ["HANDRAIL_URL"], config)


async def hand_off() -> str:
    question = Message(
        message_id="W100-1",
        context_id="W100",
        role=Role.ROLE_USER,
        parts=[
            Part(text="May I refund $900 for order W100?"),
            Part(data=ParseDict({"pending_actions": [REFUND]}, Value())),
        ],
    )
    async with desk(streaming=False) as client:
        asked = SendMessageRequest(message=question)
        try:
            async for _ in client.send_message(asked, context=ClientCallContext(timeout=1)):
                raise AssertionError("somebody decided within a second")
        except A2AClientTimeoutError:
            asked.configuration.return_immediately = True
        [answer] = [event async for event in client.send_message(asked)]
        return answer.task.id


async def resume(task_id: str) -> str:
    async with desk(streaming=True) as client:
        task = await client.get_task(GetTaskRequest(id=task_id))
        if task.status.state not in OVER:
            async for event in client.subscribe(SubscribeToTaskRequest(id=task_id)):
                print(event.WhichOneof("payload"), file=sys.stderr)
            task = await client.get_task(GetTaskRequest(id=task_id))
        carry_out(task)
        return TaskState.Name(task.status.state)


def carry_out(task: Task) -> None:
    for artifact in task.artifacts:
        for action in MessageToDict(artifact.parts[1].data)["actions"]:
            if arguments := action["arguments"]:
                print("refund", arguments["order"], f"{arguments['amount']:.0f}")


match sys.argv[1:]:
    case ["hand-off"]:
        print(asyncio.run(hand_off()))
    case ["resume", task]:
        print(asyncio.run(resume(task)))
