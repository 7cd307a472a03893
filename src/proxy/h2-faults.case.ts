/**
 * Faults on frames as real clients see them: what gRPC's specification says, and where a client differs.
 * The table is what docs/client-behaviour.md tells of: with a fault, of how the clients at hand differ.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { faultWindow, startTestHost, type TestFleet } from '../../test/support/fleet.js';
import { startTestProxy, type TestProxy } from '../../test/support/proxy.js';
import type { StatusName } from '../base/status.js';
import type { faults } from '../faults/index.js';

/** Clients that the table speaks of; `core` is gRPC's C core, as Python and C++ have it. */
export type ClientName = 'grpc-js' | 'wire' | 'core';

/** What becomes of a call; some clients do not survive theirs. */
type Outcome = StatusName | 'the client dies';

interface Seen {
  readonly status: Outcome;
  /** How many attempts the fault has hit; 1 unless told. */
  readonly attempts?: number;
}

/** A client under the faults of the table. */
export interface FaultedClient extends AsyncDisposable {
  /** Says one message. */
  say(metadata: Readonly<Record<string, string>>, deadlineMs: number): Promise<Outcome>;
}

interface FrameCase extends Seen {
  readonly name: string;
  readonly fault: readonly [kind: keyof typeof faults, options: object];
  /** As good, where the specification leaves it open. */
  readonly or?: StatusName;
  /** Clients that end it otherwise, and why. */
  readonly deviations?: Partial<Record<ClientName, Seen & { readonly why: string }>>;
}

const rst = (code: string, status: StatusName, attempts = 1): FrameCase => ({
  name: `rst-${code}`,
  fault: ['h2-rst', { code }],
  status,
  attempts,
});
const http = (code: number, status: StatusName): FrameCase => ({
  name: `http-${code}`,
  fault: ['h2-http-status', { status: code }],
  status,
});

const CASES: readonly FrameCase[] = [
  rst('NO_ERROR', 'INTERNAL'),
  rst('PROTOCOL_ERROR', 'INTERNAL'),
  rst('INTERNAL_ERROR', 'INTERNAL'),
  rst('FLOW_CONTROL_ERROR', 'INTERNAL'),
  {
    ...rst('REFUSED_STREAM', 'UNAVAILABLE', 2),
    deviations: {
      core: { status: 'UNAVAILABLE', why: 'makes no transparent retry' },
    },
  },
  rst('CANCEL', 'CANCELLED'),
  rst('ENHANCE_YOUR_CALM', 'RESOURCE_EXHAUSTED'),
  rst('INADEQUATE_SECURITY', 'PERMISSION_DENIED'),
  {
    name: 'rst-in-place-of-headers',
    fault: ['h2-rst', { code: 'CANCEL', when: 'headers' }],
    status: 'CANCELLED',
  },
  {
    name: 'rst-after-headers',
    fault: ['h2-rst', { code: 'REFUSED_STREAM', when: 'after-headers' }],
    status: 'UNAVAILABLE',
  },
  {
    name: 'rst-after-a-message',
    fault: ['h2-rst', { code: 'INTERNAL_ERROR', when: { 'after-messages': 1 } }],
    status: 'INTERNAL',
  },
  {
    name: 'rst-in-place-of-trailers',
    fault: ['h2-rst', { code: 'INTERNAL_ERROR', when: 'trailers' }],
    status: 'INTERNAL',
  },
  { name: 'no-trailers', fault: ['h2-no-trailers', {}], status: 'INTERNAL', or: 'UNKNOWN' },
  { name: 'truncated', fault: ['h2-truncate', {}], status: 'INTERNAL', or: 'UNKNOWN' },
  {
    ...http(200, 'UNKNOWN'),
    deviations: {
      core: { status: 'the client dies', why: 'an assertion of its own: SIGILL, in 1.51.1' },
    },
  },
  http(400, 'INTERNAL'),
  http(401, 'UNAUTHENTICATED'),
  http(403, 'PERMISSION_DENIED'),
  http(404, 'UNIMPLEMENTED'),
  http(429, 'UNAVAILABLE'),
  http(500, 'UNKNOWN'),
  http(502, 'UNAVAILABLE'),
  http(503, 'UNAVAILABLE'),
  http(504, 'UNAVAILABLE'),
  {
    name: 'reply-lost',
    fault: ['rpc-drop', {}],
    status: 'UNIMPLEMENTED',
    deviations: { core: { status: 'OK', why: 'gives its caller no message, and no error' } },
  },
  { name: 'request-lost', fault: ['rpc-drop', { direction: 'up' }], status: 'UNIMPLEMENTED' },
  {
    name: 'reply-doubled',
    fault: ['rpc-duplicate', {}],
    status: 'INTERNAL',
    deviations: {
      'grpc-js': {
        status: 'DEADLINE_EXCEEDED',
        why: 'reads no further after a second message, and never comes to the trailers',
      },
      core: { status: 'DEADLINE_EXCEEDED', why: 'as grpc-js' },
    },
  },
  {
    name: 'request-doubled',
    fault: ['rpc-duplicate', { direction: 'up' }],
    status: 'UNIMPLEMENTED',
  },
];

const CLIENTS = ['grpc-js', 'core', 'wire'] as const satisfies readonly ClientName[];

/** The table as docs/client-behaviour.md has it, in Markdown. */
export function frameFaultTable(): string {
  const rows = CASES.map((one) => {
    const {
      fault: [kind, options],
      status,
      or,
      attempts = 1,
      deviations = {},
    } = one;
    const written = Object.entries(options).map(([key, value]) => `${key}: ${textOf(value)}`);
    const seen = CLIENTS.map((client) => {
      const other = deviations[client];
      return other === undefined ? '✓' : outcomeText(other.status, other.attempts ?? 1);
    });
    const fault = [kind, ...(written.length === 0 ? [] : [`{ ${written.join(', ')} }`])].join(' ');
    const expected = or === undefined ? status : `${status} or ${or}`;
    return [`\`${fault}\``, outcomeText(expected, attempts), ...seen];
  });
  const head = ['fault', 'expected', ...CLIENTS];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? `{ ${Object.entries(value).map(([key, inner]) => `${key}: ${inner}`)} }`
    : String(value);

const outcomeText = (status: string, attempts: number) =>
  attempts === 1 ? status : `${status}, ${attempts} attempts`;

/** @param connect one connection to an address, kept for all calls. */
export function frameFaultCases(
  client: ClientName,
  connect: (address: string) => Promise<FaultedClient>,
): void {
  describe(`faults on frames, ${client}`, () => {
    let fleet: TestFleet;
    let proxy: TestProxy;
    let connected: FaultedClient;

    before(async () => {
      fleet = await startTestHost({ server: 'wire' });
      proxy = await startTestProxy(fleet.address);
      for (const { name, fault } of CASES) {
        const [kind, options] = fault;
        proxy.faults.add(faultWindow(kind, options, { id: name, metadata: { fault: name } }));
      }
      connected = await connect(proxy.address);
    });
    after(async () => {
      await connected[Symbol.asyncDispose]();
      proxy.close();
      await fleet[Symbol.asyncDispose]();
    });

    for (const { name, status, or = status, attempts, deviations } of CASES) {
      test(name, async () => {
        const seen = await connected.say({ fault: name }, 500);
        const expected = deviations?.[client] ?? { status: seen === or ? or : status, attempts };
        assert.deepEqual([seen, proxy.hitsOf(name)], [expected.status, expected.attempts ?? 1]);
      });
    }

    test('the connection outlives all of it', async () => {
      assert.equal(await connected.say({}, 2_000), 'OK');
      const deaths = CASES.filter((one) => one.deviations?.[client]?.status === 'the client dies');
      assert.equal(proxy.counters.connectionsAccepted, 1 + deaths.length);
    });
  });
}
