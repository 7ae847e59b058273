"""Requests as they would be sent, for the OpenAPI document; a test posts each of them."""

from typing import Any

Example = dict[str, Any]

HANDOFF: Example = {
    "agent": {"name": "support", "version": "2.3", "framework": "langgraph"},
    "kind": "approval",
    "reason": "low_confidence",
    "conversation_id": "conv_9",
    "category": "refund",
    "summary": "The parcel never came. The customer wants the money back.",
    "question": "Refund $900?",
    "confidence": 0.41,
    "confidence_source": "self_report",
    "confidence_threshold": 0.7,
    "messages": [
        {"role": "user", "content": "My order W100 never came. I want my $900 back."},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "refund", "arguments": '{"order": "W100", "amount": 900}'},
                }
            ],
        },
    ],
    "pending_actions": [
        {
            "tool_call_id": "c1",
            "name": "refund",
            "arguments": {"order": "W100", "amount": 900},
            "current": {"amount": 0},
            "input_schema": {
                "type": "object",
                "properties": {"order": {"type": "string"}, "amount": {"type": "number", "maximum": 1000}},
                "required": ["order", "amount"],
                "additionalProperties": False,
            },
            "risk": "medium",
            "allowed_decisions": ["approve", "edit", "reject"],
        }
    ],
    "context": {
        "facts": {"order": "W100", "paid": 900},
        "decisions": [],
        "preferences": {"language": "en"},
    },
    "usage": {"turns": 6, "context_tokens": 3100, "cost_usd": "0.12", "seconds": 41, "retries": 0},
    "routing": {"priority": "high"},
    "state": {"media_type": "application/json", "data": {"thread": "t_77"}},
    "metadata": {"tenant": "acme", "interrupts": {"6e1c5a0d": ["c1"]}},
}

MESSAGES: Example = {"messages": [{"role": "user", "content": "Are you still there?"}]}

ACK: Example = {"outcome": "applied", "detail": "Refunded, reference R-1."}

CANCEL: Example = {"reason": "The customer found the parcel."}

RUNS: Example = {
    "runs": [
        {
            "agent": {"name": "support", "version": "2.3"},
            "run_id": "run_8f2c",
            "conversation_id": "conv_10",
            "category": "refund",
            "confidence": 0.93,
            "confidence_source": "self_report",
            "usage": {"turns": 4, "context_tokens": 2100, "cost_usd": "0.05", "seconds": 12.5, "retries": 0},
            "tool_errors": 0,
            "finished_at": "2026-03-02T09:30:00Z",
        }
    ]
}

CHECK: Example = {
    "agent": {"name": "support", "version": "2.3"},
    "confidence": 0.62,
    "confidence_source": "self_report",
    "category": "refund",
    "usage": {"turns": 6, "context_tokens": 3100, "cost_usd": "0.12", "seconds": 41, "retries": 0},
    "tool_failures": 1,
    "pending_actions": [{"name": "refund", "arguments": {"order": "W100", "amount": 900}}],
    "last_user_message": "I want my money back.",
}

SCHEMA: Example = {
    "schema": {
        "type": "object",
        "properties": {
            "order": {"type": "string", "pattern": "^W[0-9]+$"},
            "amount": {"type": "number", "minimum": 0},
        },
        "required": ["order", "amount"],
        "additionalProperties": False,
    }
}

CHECKPOINT: Example = {
    "agent": {"name": "support", "version": "2.3"},
    "step": "find_order",
    "output": '{"order": "W100", "amount": 900}',
    "tool_result": {
        "tool_call_id": "c1",
        "name": "find_order",
        "http_status": 200,
        "content_type": "application/json",
        "duration_ms": 340,
        "timeout_ms": 10_000,
    },
    "conversation_id": "conv_9",
    "run_id": "run_8f2c",
    "handoff": {
        "agent": {"name": "support", "version": "2.3"},
        "kind": "takeover",
        "reason": "checkpoint_failed",
        "conversation_id": "conv_9",
        "summary": "The order could not be read.",
        "messages": [{"role": "user", "content": "My order W100 never came. I want my $900 back."}],
    },
}
DATASET_VERSION: Example = {"note": "With the corrections of November"}
LABELS: Example = {
    "source": "Vendor, batch 3",
    "lines": [
        {
            "resolution": "0199b0c6-7c1e-7a53-9a3f-2f6d8c1b4e70",
            "labels": {"agent_correct": "no", "failure_primary": "edge_case", "first_error_index": 2},
        },
        {
            "case": "0199b0c6-7c1e-7a53-9a3f-2f6d8c1b4e71",
            "labels": {"must": ["Ask for the order number."]},
        },
    ],
}
