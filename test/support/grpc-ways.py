"""A gRPC client on gRPC's C core, for tests: python3 grpc-ways.py HOST:PORT

Calls the server of grpc-server.py in every way and writes a line for each: what it was told, and nothing
of when, so that two runs can be compared.
"""

import sys
import threading

import grpc

channel = grpc.insecure_channel(sys.argv[1])
say = channel.unary_unary("/chat.ChatService/Say")
fail = channel.unary_unary("/chat.ChatService/Fail")
unknown = channel.unary_unary("/chat.ChatService/Unknown")
chat = channel.stream_stream("/chat.ChatService/Chat")


def status_of(call):
    try:
        call()
        return "OK"
    except grpc.RpcError as error:
        return f"{error.code().name} {error.details()}"


reply, _ = say.with_call(b"x" * 100, timeout=10)
print("unary OK", len(reply))
print("failed", status_of(lambda: fail(b"", timeout=10)))
print("unknown", status_of(lambda: unknown(b"", timeout=10)))
metadata = (("a", "1"), ("a", "2"), ("empty", ""), ("raw-bin", bytes(range(256))), ("c", "x, y"))
print("metadata", status_of(lambda: say(b"", metadata=metadata, timeout=10)))
print("long metadata", status_of(lambda: say(b"", metadata=(("k", "v" * 6_000),), timeout=10)))
sizes = [1, 100_000, 3_000_000, 0, 70_000]
echoes = chat((bytes(size) for size in sizes), timeout=30)
print("stream", [len(message) for message in echoes])
print("deadline", status_of(lambda: list(chat(iter(threading.Event().wait, True), timeout=0.2)))[:17])
held = threading.Event()


def one_and_wait():
    yield b"1"
    held.wait()


call = chat(one_and_wait(), timeout=30)
print("first", next(call))
call.cancel()
held.set()
print("cancelled", status_of(lambda: next(call)).split()[0])
many = [say.future(bytes(10), timeout=20) for _ in range(100)]
print("many", sum(len(future.result()) for future in many))
channel.close()
