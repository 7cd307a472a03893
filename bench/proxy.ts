/**
 * Our proxy beside nginx and HAProxy, each on one core, in front of one fast server.
 *
 *   npm run bench:proxy [-- --rounds 5 --seconds 4 --part calls,latency,memory --load h2load --json FILE]
 *
 * Calls per second and CPU per call at saturation, with h2load and with our wire driver as the load; what
 * each adds to the latency of 10,000 calls a second; its memory with 10,000 idle streams. All proxies in
 * turn, a different one first in each round; ratios are taken within a round. A program that is not on
 * the PATH is left out, and it says so. The last lines say which claims hold.
 *
 * A figure of one machine: quote the ratios.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentOf, encodeChatMessage } from '../src/calls/chat-codec.js';
import { framedMessage } from '../src/http2/grpc-message.js';
import { benchOptions } from './bench-options.js';
import { h2load } from './engine/h2load.js';
import type { EngineTask, Peer } from './engine/peer.js';
import { wireServer } from './engine/servers.js';
import { squallWire } from './engine/squall.js';
import { type AddedLatency, addedLatencies, latencyTable } from './proxy/added-latency.js';
import { claimLines, judge } from './proxy/claims.js';
import { cannotPin, LOAD_CORE, PROXY_CORE, pinToCore, unpin } from './proxy/core-pin.js';
import { haproxyProxy } from './proxy/haproxy.js';
import { type IdleStreams, idleStreams, idleStreamsTable } from './proxy/idle-streams.js';
import { nginxProxy } from './proxy/nginx.js';
import { type Saturation, saturate, saturationTable } from './proxy/saturation.js';
import { squallProxy } from './proxy/squall.js';

const { values } = benchOptions({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    /** Of `calls`, `latency` and `memory`; all unless told. */
    part: { type: 'string', default: 'calls,latency,memory' },
    /** Only loads whose names contain the word. */
    load: { type: 'string', default: '' },
    /** Only proxies whose names contain one of these words; ours in any case. */
    proxies: { type: 'string' },
    json: { type: 'string' },
  },
});

const tell = (line: string) => process.stderr.write(`${line}\n`);
const print = (text: string) => process.stdout.write(`${text}\n`);
const parts = values.part.split(',');
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

/** Those of `all` that can be run here; what is missing is told. */
function present<Side extends { readonly name: string; readonly missing?: string | undefined }>(
  all: readonly Side[],
): Side[] {
  return all.filter(({ name, missing }) => {
    if (missing !== undefined) tell(`skipped: ${name}, ${missing}`);
    return missing === undefined;
  });
}

function writeRequest(folder: string, address: string): EngineTask {
  const message = { user: 'say', content: contentOf(33), timestamp: 0 };
  const encoded = encodeChatMessage(message);
  const framedFile = join(folder, 'request.framed');
  const messageFile = join(folder, 'request.bin');
  writeFileSync(framedFile, framedMessage(encoded));
  writeFileSync(messageFile, encoded);
  const protoFile = fileURLToPath(new URL('../../proto/chat.proto', import.meta.url));
  const json = JSON.stringify({ user: message.user, content: message.content });
  const method = 'chat.ChatService/Say';
  return { address, method, framedFile, messageFile, json, protoFile, seconds };
}

const words = values.proxies?.split(',');
const proxies = present([squallProxy, nginxProxy, haproxyProxy]).filter(
  (kind) =>
    kind === squallProxy || words === undefined || words.some((word) => kind.name.includes(word)),
);
const allLoads: Peer[] = [h2load, squallWire];
const loads = present(allLoads).filter(({ name }) => name.includes(values.load));
if (cannotPin !== undefined) tell(`not kept to one core each: ${cannotPin}`);

const saturations: Saturation[] = [];
let latencies: AddedLatency[] = [];
let idle: IdleStreams[] = [];
const folder = mkdtempSync(join(tmpdir(), 'squall-proxies-'));
try {
  // The load and the server: what this process starts runs where it does.
  pinToCore(process.pid, LOAD_CORE);
  await using server = await wireServer.start(folder);
  const task = writeRequest(folder, server.address);
  for (const load of parts.includes('calls') ? loads : []) {
    const found = await saturate(load, proxies, task, folder, rounds, tell);
    saturations.push(found);
    print(saturationTable(found));
  }
  unpin(process.pid);
  pinToCore(server.pid, PROXY_CORE);
  if (parts.includes('latency')) {
    latencies = await addedLatencies(proxies, server.address, folder, { rounds, seconds }, tell);
    print(latencyTable(latencies));
  }
  if (parts.includes('memory')) {
    idle = await idleStreams(proxies, server.address, folder, tell);
    print(idleStreamsTable(idle));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const claims = judge(squallProxy.name, saturations, latencies, idle);
print(claimLines(claims));
if (values.json !== undefined) {
  const [cpu] = cpus();
  const host = { cpu: cpu?.model, cores: cpus().length, node: process.version };
  const found = { host, saturations, latencies, idle, claims };
  writeFileSync(values.json, `${JSON.stringify(found, null, 2)}\n`);
}
