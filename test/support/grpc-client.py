"""A gRPC client on gRPC's C core, for tests: python3 grpc-client.py ADDRESS [CHANNEL_ARGUMENT=VALUE ...]

It reads one call per line, {"metadata": {...}, "timeoutMs": 500}, says a message with it and writes how
that ended: {"code": 14, "details": "..."}. One connection, calls one after another.
"""

import json
import sys

import grpc

options = [
    (name, int(value))
    for name, value in (argument.split("=") for argument in sys.argv[2:])
]
channel = grpc.insecure_channel(sys.argv[1], options=options)
say = channel.unary_unary("/chat.ChatService/Say")

for line in sys.stdin:
    call = json.loads(line)
    code, details = grpc.StatusCode.OK, ""
    try:
        say(
            b"\x12\x02hi",
            timeout=call["timeoutMs"] / 1e3,
            metadata=tuple(call["metadata"].items()),
            wait_for_ready=call.get("waitForReady", False),
        )
    except grpc.RpcError as error:
        code, details = error.code(), error.details()
    print(json.dumps({"code": code.value[0], "details": details}), flush=True)
