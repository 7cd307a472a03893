/** The bare side: a closed loop of unary calls through grpc-js's own stub, nothing recorded. */
import { fileURLToPath } from 'node:url';
import {
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { loopOptions, report, startCost, WARM_UP_SECONDS } from './loop-cost.js';

interface ChatClient {
  Say(
    message: { user: string; content: string },
    options: { deadline: number },
    callback: (error: ServiceError | null) => void,
  ): void;
}

const proto = fileURLToPath(new URL('../../proto/chat.proto', import.meta.url));
const { ChatService } = loadPackageDefinition(loadSync(proto))['chat'] as GrpcObject;
const { address, seconds, inFlight = 1 } = loopOptions();
const Client = ChatService as unknown as new (target: string, creds: unknown) => ChatClient;
const client = new Client(`ipv4:${address}`, credentials.createInsecure());
const message = { user: 'say', content: 'squall squall squall squall squal' };

let calls = 0;
const callAgain = () => {
  client.Say(message, { deadline: Date.now() + 1000 }, (error) => {
    if (error) throw error;
    calls++;
    callAgain();
  });
};
for (let i = 0; i < inFlight; i++) callAgain();

setTimeout(() => {
  const before = calls;
  const cost = startCost();
  setTimeout(() => report(cost(calls - before)), seconds * 1000);
}, WARM_UP_SECONDS * 1000);
