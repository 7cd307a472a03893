/**
 * The load engine beside its peers.
 *
 *   npm run bench:engine [-- --rounds 5 --seconds 4 --server wire --part calls --json FILE]
 *
 * Our wire driver, our grpc-js driver, h2load, ghz, k6 and fortio send the same request to the same
 * server, one after the other, round after round; those that are not on the PATH are left out, and it
 * says so. Every side's whole process is measured, ours after two seconds in which its code is compiled.
 * Ratios are taken within a round. Then what one thread of the wire driver reaches by itself.
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
import { type CallsResult, callsTable, compareCalls } from './engine/calls.js';
import { fortio } from './engine/fortio.js';
import { ghz } from './engine/ghz.js';
import { h2load } from './engine/h2load.js';
import { k6 } from './engine/k6.js';
import { type Limit, limitsTable, measureLimits } from './engine/limits.js';
import type { EngineTask, Peer } from './engine/peer.js';
import { nginxServer, wireServer } from './engine/servers.js';
import { squallGrpcJs, squallWire } from './engine/squall.js';

const { values } = benchOptions({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    /** `wire` or `nginx`; both unless told. */
    server: { type: 'string' },
    /** `calls` or `limits`; both unless told. */
    part: { type: 'string' },
    /** Only the sides whose names contain one of these words; ours in any case. */
    peers: { type: 'string' },
    json: { type: 'string' },
  },
});

/** fortio's one method is not what a static reply answers. */
const SERVERS = [
  { kind: wireServer, peers: [squallWire, squallGrpcJs, h2load, ghz, k6, fortio] },
  { kind: nginxServer, peers: [squallWire, squallGrpcJs, h2load, ghz, k6] },
];

const tell = (line: string) => process.stderr.write(`${line}\n`);

/** The request as files, in every form that a side asks for. */
function writeRequest(folder: string): Omit<EngineTask, 'address'> {
  const message = { user: 'say', content: contentOf(33), timestamp: 0 };
  const encoded = encodeChatMessage(message);
  const framedFile = join(folder, 'request.framed');
  const messageFile = join(folder, 'request.bin');
  writeFileSync(framedFile, framedMessage(encoded));
  writeFileSync(messageFile, encoded);
  return {
    method: 'chat.ChatService/Say',
    framedFile,
    messageFile,
    json: JSON.stringify({ user: message.user, content: message.content }),
    protoFile: fileURLToPath(new URL('../../proto/chat.proto', import.meta.url)),
    seconds: Number(values.seconds),
  };
}

function presentPeers(peers: readonly Peer[]): Peer[] {
  const words = values.peers?.split(',');
  return peers.filter((peer) => {
    if (words !== undefined && peer !== squallWire && !words.some((w) => peer.name.includes(w))) {
      return false;
    }
    if (peer.missing !== undefined) tell(`skipped: ${peer.name}, ${peer.missing}`);
    return peer.missing === undefined;
  });
}

const folder = mkdtempSync(join(tmpdir(), 'squall-engine-'));
const calls: CallsResult[] = [];
let limits: Limit[] = [];
try {
  const task = writeRequest(folder);
  for (const { kind, peers } of SERVERS) {
    if (values.part === 'limits') break;
    if (values.server !== undefined && !kind.name.includes(values.server)) continue;
    if (kind.missing !== undefined) {
      tell(`skipped: ${kind.name}, ${kind.missing}`);
      continue;
    }
    await using server = await kind.start(folder);
    const sides = presentPeers(peers);
    const whole = { ...task, address: server.address };
    const result = await compareCalls(kind.name, server, sides, whole, Number(values.rounds), tell);
    calls.push(result);
    process.stdout.write(`${callsTable(result)}\n`);
  }
  if (values.part !== 'calls') {
    await using server = await wireServer.start(folder);
    limits = await measureLimits(server.address, tell);
    process.stdout.write(`${limitsTable(limits)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (values.json !== undefined) {
  const [cpu] = cpus();
  const host = { cpu: cpu?.model, cores: cpus().length, node: process.version };
  writeFileSync(values.json, `${JSON.stringify({ host, calls, limits }, null, 2)}\n`);
}
