"""A gRPC client on gRPC's C core, for tests: python3 grpc-client.py ADDRESS [CHANNEL_ARGUMENT=VALUE ...]

Each line that it reads starts a call, {"id": 1, "metadata": {...}, "timeoutMs": 500, "bytes": 10,
"waitForReady": false}: it says a message of so many bytes and writes how that ended, {"id": 1, "code": 14,
"details": "..."}. One channel.
"""

import json
import sys
import threading

import grpc

options = [
    (name, int(value))
    for name, value in (argument.split("=") for argument in sys.argv[2:])
]
channel = grpc.insecure_channel(sys.argv[1], options=options)
say = channel.unary_unary("/chat.ChatService/Say")
writing = threading.Lock()


def message(size):
    """Field 2, the content, as long as it takes."""
    length, content = [], max(size - 6, 0)
    for _ in range(5):
        length.append((content & 0x7F) | 0x80)
        content >>= 7
    length[-1] &= 0x7F
    return b"\x12" + bytes(length) + b"x" * max(size - 6, 0)


def ended(number, future):
    code, details = future.code(), future.details()
    with writing:
        print(json.dumps({"id": number, "code": code.value[0], "details": details}), flush=True)


for line in sys.stdin:
    call = json.loads(line)
    future = say.future(
        message(call["bytes"]),
        timeout=call["timeoutMs"] / 1e3,
        metadata=tuple(call["metadata"].items()),
        wait_for_ready=call["waitForReady"],
    )
    future.add_done_callback(lambda done, number=call["id"]: ended(number, done))
