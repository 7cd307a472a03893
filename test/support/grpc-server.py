"""A gRPC server on gRPC's C core, for tests: python3 grpc-server.py MAX_CONCURRENT_STREAMS

Say answers with its request and the deadline that it saw; Fail ends with ABORTED; Chat says back each
message. It writes its port, and on SIGUSR1 lets calls finish and takes no more (GOAWAY).
"""

import signal
import sys
import threading
from concurrent import futures

import grpc


def say(request, context):
    threading.Event().wait(0.02)
    context.set_trailing_metadata((("left-ms", str(int(context.time_remaining() * 1e3))),))
    return request


def fail(request, context):
    context.abort(grpc.StatusCode.ABORTED, "as asked")


def chat(requests, context):
    for request in requests:
        yield request


server = grpc.server(
    futures.ThreadPoolExecutor(max_workers=8),
    options=[("grpc.max_concurrent_streams", int(sys.argv[1])), ("grpc.so_reuseport", 0)],
)
handlers = {
    "Say": grpc.unary_unary_rpc_method_handler(say),
    "Fail": grpc.unary_unary_rpc_method_handler(fail),
    "Chat": grpc.stream_stream_rpc_method_handler(chat),
}
server.add_generic_rpc_handlers(
    (grpc.method_handlers_generic_handler("chat.ChatService", handlers),)
)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
asked = threading.Event()
signal.signal(signal.SIGUSR1, lambda *_: asked.set())
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(port, flush=True)
while not asked.wait(0.05):
    pass
server.stop(5).wait()
