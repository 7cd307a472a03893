// A chat client and a chat server in C++, on gRPC's own library, written from the fixed part of
// proto/chat.proto: ChatMessage and Chat. The tests hold ours against them, both ways.
//
//   chat serve                          prints its port, serves until its standard input ends
//   chat talk ADDRESS ROOM COUNT        two members of a room: each says COUNT messages and prints what
//                                       it hears, a line a message; exit code 0 when both end with OK
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "chat.grpc.pb.h"

using chat::ChatMessage;
using chat::ChatService;
using Stream = grpc::ServerReaderWriter<ChatMessage, ChatMessage>;

namespace {

class Rooms final : public ChatService::Service {
 public:
  grpc::Status Chat(grpc::ServerContext* context, Stream* stream) override {
    const auto entry = context->client_metadata().find("room");
    const std::string room =
        entry == context->client_metadata().end()
            ? "lobby"
            : std::string(entry->second.data(), entry->second.size());
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      rooms_[room].insert(stream);
      // The headers say that it is in the room.
      stream->SendInitialMetadata();
    }
    ChatMessage message;
    while (stream->Read(&message)) {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (Stream* other : rooms_[room]) {
        if (other != stream) other->Write(message);
      }
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    rooms_[room].erase(stream);
    return grpc::Status::OK;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::set<Stream*>> rooms_;
};

int Serve() {
  Rooms rooms;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&rooms);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::cout << port << std::endl;
  std::cin.ignore(1 << 20);
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

struct Member {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<ChatMessage, ChatMessage>> stream;

  Member(ChatService::Stub& stub, const std::string& room) {
    context.AddMetadata("room", room);
    stream = stub.Chat(&context);
  }

  void Say(const std::string& user, const std::string& content, int64_t timestamp) {
    ChatMessage message;
    message.set_user(user);
    message.set_content(content);
    message.set_timestamp(timestamp);
    stream->Write(message);
  }

  void Hear(int count) {
    ChatMessage message;
    for (int heard = 0; heard < count && stream->Read(&message); heard++) {
      std::cout << message.user() << ' ' << message.content() << ' ' << message.timestamp()
                << std::endl;
    }
  }

  bool End() {
    stream->WritesDone();
    ChatMessage late;
    while (stream->Read(&late)) {
    }
    const grpc::Status status = stream->Finish();
    if (!status.ok()) std::cerr << status.error_code() << ' ' << status.error_message() << '\n';
    return status.ok();
  }
};

// What is said before the other is in the room nobody hears: so ann says "knock" until it is heard.
void Meet(Member& ann, Member& bob) {
  std::mutex mutex;
  bool isHeard = false;
  std::thread listener([&] {
    ChatMessage message;
    bob.stream->Read(&message);
    const std::lock_guard<std::mutex> lock(mutex);
    isHeard = true;
  });
  for (int knocks = 0; knocks < 1000; knocks++) {
    ann.Say("ann", "knock", knocks);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const std::lock_guard<std::mutex> lock(mutex);
    if (isHeard) break;
  }
  listener.join();
}

int Talk(const std::string& address, const std::string& room, int count) {
  const auto stub =
      ChatService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  Member ann(*stub, room);
  Member bob(*stub, room);
  Meet(ann, bob);
  for (int number = 0; number < count; number++) {
    bob.Say("bob", "to ann", number);
    ann.Hear(1);
  }
  const bool isAnnOk = ann.End();
  return bob.End() && isAnnOk ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "serve") return Serve();
  if (mode == "talk" && argc == 5) return Talk(argv[2], argv[3], std::stoi(argv[4]));
  std::cerr << "usage: chat serve | chat talk ADDRESS ROOM COUNT\n";
  return 2;
}
