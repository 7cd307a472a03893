/**
 * What a Say costs each kind of server, in CPU time of the backend's process.
 *
 *   npm run bench:servers [-- SECONDS IN-FLIGHT]
 *
 * One connection of our own HTTP/2 keeps so many calls in flight, each with its own `squall-call` and
 * a timeout, as a load does. Every call is checked to end with status 0. CPU time is read from
 * /proc, so this runs on Linux only, and is user and system time together.
 */
import { readFileSync } from 'node:fs';
import { formatCallId } from '../src/base/call-id.js';
import type { ConnectionHandler } from '../src/http2/connection-options.js';
import { framedMessage } from '../src/http2/grpc-message.js';
import { fieldValue, headerFields } from '../src/http2/header-field.js';
import { connectTransport } from '../src/http2/socket-transport.js';
import { startFleet } from '../src/targets/fleet.js';
import { SERVER_KINDS, type ServerKind } from '../src/targets/spec.js';

const SECONDS = Number(process.argv[2] ?? 3);
const IN_FLIGHT = Number(process.argv[3] ?? 64);
/** Clock ticks of /proc: USER_HZ is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** User and system time of a process so far, in ms (proc(5), fields 14 and 15 of stat). */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** A client that keeps calls in flight until it is told to stop. */
function startLoop(address: string) {
  let ended = 0;
  let failed = 0;
  let ordinal = 0;
  let isStopping = false;
  const next = () => {
    if (isStopping) return;
    connection.startTemplate(template, [formatCallId(ordinal, ordinal * 1e3), '5S']);
    ordinal++;
  };
  const handler: ConnectionHandler = {
    onHeaders(_streamId, block, endStream) {
      if (endStream && fieldValue(block.fields, 'grpc-status') !== '0') failed++;
    },
    onData() {},
    onReset: () => void failed++,
    onStreamEnd() {
      ended++;
      next();
    },
    onWritable() {},
    onSettings() {},
    onGoaway() {},
    onIdle() {},
    onClosed() {},
  };
  const [host = '', port] = address.split(':');
  const transport = connectTransport({ host, port: Number(port) }, {}, handler, {
    onOpen() {
      for (let i = 0; i < IN_FLIGHT; i++) next();
    },
    onClose() {},
  });
  const { connection } = transport;
  const template = connection.template({
    headers: headerFields([
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', '/chat.ChatService/Say'],
      [':authority', address],
      ['te', 'trailers'],
      ['content-type', 'application/grpc'],
      ['user-agent', 'bench'],
    ]),
    varying: ['squall-call', 'grpc-timeout'],
    body: framedMessage(Buffer.from('\n\x04test\x12\x05hello\x18\x01', 'latin1')),
    endStream: true,
  });
  return {
    counts: () => ({ ended, failed }),
    stop() {
      isStopping = true;
      transport.destroy();
    },
  };
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function measure(server: ServerKind): Promise<void> {
  await using fleet = await startFleet({
    specs: [{ name: 'b0', port: 0, server }],
    variant: 'bench',
    seed: 1,
    faults: [],
    intervalNs: 1e9,
    sink: { write() {} },
    onLost: () => {},
  });
  const [backend] = fleet.backends;
  if (backend === undefined) throw new Error('the fleet is empty');
  const loop = startLoop(backend.address);
  await sleep(1_000);
  const from = { ...loop.counts(), cpuMs: cpuMs(backend.pid), ms: performance.now() };
  await sleep(SECONDS * 1e3);
  const to = { ...loop.counts(), cpuMs: cpuMs(backend.pid), ms: performance.now() };
  loop.stop();
  await fleet.stop();
  const calls = to.ended - from.ended;
  const perCallUs = ((to.cpuMs - from.cpuMs) * 1e3) / calls;
  const perSecond = calls / ((to.ms - from.ms) / 1e3);
  process.stdout.write(
    `${server.padEnd(8)} ${perCallUs.toFixed(2)} us of CPU per call, ` +
      `${perSecond.toFixed(0)} calls/s, ${to.failed} failed\n`,
  );
}

for (const server of SERVER_KINDS) await measure(server);
