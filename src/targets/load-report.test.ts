/**
 * Load reports, from their arithmetic to the client that lives by them: on both kinds of server, asked
 * by a plain client, and by the weighted round robin of grpc-js.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, type ClientReadableStream, credentials, type StatusObject } from '@grpc/grpc-js';
import { REQUEST } from '../../test/support/call-witness.js';
import { connectDriver } from '../../test/support/driver-client.js';
import { startTestTarget, type TestTarget } from '../../test/support/target.js';
import { until } from '../../test/support/until.js';
import { monotonicNowNs } from '../base/clock.js';
import { SAY_METHOD } from '../calls/chat-codec.js';
import { type CallOwner, CallTicket } from '../calls/ticket.js';
import { clientSchema } from '../drivers/client-schema.js';
import { createDriver } from '../drivers/create-driver.js';
import { type LoadReport, loadReport } from './load-report.js';
import { LOAD_REPORT_SERVICE, loadProtos, serviceOf } from './protos.js';
import { SERVER_KINDS } from './spec.js';

test('a report is what was done between two moments, by the second and by the slot', () => {
  const from = { atNs: 1e9, answered: 100, failed: 10, cpuNs: 4e9 };
  const to = { atNs: 1.5e9, answered: 200, failed: 15, cpuNs: 4.1e9 };
  const plain = { cpu_utilization: 0.2, rps_fractional: 200, eps: 10 };
  assert.deepEqual(loadReport(from, to), plain);
  const busy = (busyNs: number) => ({ busyNs, slots: 4 });
  // Three of four slots, half of the time: 0.75 s of 4 × 0.5 s.
  assert.deepEqual(loadReport({ ...from, service: busy(1e9) }, { ...to, service: busy(1.75e9) }), {
    ...plain,
    application_utilization: 0.375,
  });
});

interface Asked extends Disposable {
  readonly reports: readonly LoadReport[];
  readonly ended: Promise<StatusObject>;
}

function ask({ address }: TestTarget, intervalMs: number): Asked {
  const method = serviceOf(loadProtos(), LOAD_REPORT_SERVICE)['StreamCoreMetrics'];
  assert.ok(method);
  const client = new Client(address, credentials.createInsecure());
  const request = { report_interval: { seconds: 0, nanos: intervalMs * 1e6 } };
  const call: ClientReadableStream<LoadReport> = client.makeServerStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize as (octets: Buffer) => LoadReport,
    request,
  );
  const reports: LoadReport[] = [];
  call.on('data', (report) => reports.push(report));
  call.on('error', () => {});
  const ended = new Promise<StatusObject>((resolve) => call.on('status', resolve));
  return {
    reports,
    ended,
    [Symbol.dispose]() {
      call.cancel();
      client.close();
    },
  };
}

const SLOT = { slots: 1, queue: 1000, pacing: 'precise' } as const;

for (const server of SERVER_KINDS) {
  describe(`load reports of ${server}`, () => {
    test('say what was served, and how much of the slots it took', async () => {
      using target = await startTestTarget({
        server,
        capacity: { ...SLOT, serviceTime: { kind: 'fixed', ns: 4e6 } },
      });
      using asked = ask(target, 50);
      using client = await connectDriver(target.address, {});
      const said = Array.from({ length: 25 }, () => client.say());
      const ends = await Promise.all(said);
      assert.ok(ends.every(({ status }) => status === 'OK'));
      // 25 services of 4 ms in one slot are 100 ms of it, in whatever intervals they fall.
      const count = () => asked.reports.reduce((sum, report) => sum + report.rps_fractional, 0);
      await until('all are told', () => asked.reports.at(-1)?.rps_fractional === 0 && count() > 0);
      const share = asked.reports.reduce((sum, one) => sum + (one.application_utilization ?? 0), 0);
      // Calls by utilisation: one in 4 ms, at full use 250 a second.
      assert.ok(Math.abs(count() / share - 250) < 60, `${count()} calls/s at ${share}`);
      assert.equal(asked.reports.at(-1)?.eps, 0);
    });

    test('end when the backend drains: they would hold its connections', async () => {
      using target = await startTestTarget({ server });
      using asked = ask(target, 10);
      await until('it reports', () => asked.reports.length > 0);
      assert.equal(asked.reports[0]?.application_utilization ?? 0, 0, 'no slots to use');
      await target.target.drain(5e9);
      assert.match((await asked.ended).details, /going away/);
    });
  });
}

test('weighted_round_robin sends by the reports: more to where a call takes less of a slot', async () => {
  const backend = (ns: number) =>
    startTestTarget({ capacity: { ...SLOT, serviceTime: { kind: 'fixed', ns } } });
  using quick = await backend(1e6);
  using slow = await backend(8e6);
  const addresses = [quick.address, slow.address];
  const balancer = {
    weighted_round_robin: {
      enable_oob_load_report: true,
      oob_load_reporting_period: '0.05s',
      blackout_period: '0s',
      weight_update_period: '0.1s',
    },
  };
  using driver = createDriver(addresses, clientSchema.parse({ balancer }));
  await driver.ready(5_000);
  const taken = new Map(addresses.map((address) => [address, 0]));
  let ended = 0;
  const owner: CallOwner = {
    now: monotonicNowNs,
    zeroNs: 0,
    hedges: false,
    attemptStarted: (_ticket, address) => taken.set(address, (taken.get(address) ?? 0) + 1),
    attemptEnded() {},
    callEnded: () => void ended++,
  };
  let sent = 0;
  const say = () =>
    driver.channels[0]?.unary(SAY_METHOD, REQUEST, new CallTicket(owner, sent++, 0, 0), undefined);
  const countOf = ({ address }: TestTarget) => taken.get(address) ?? 0;
  const shareOfQuick = async (calls: number) => {
    for (const address of addresses) taken.set(address, 0);
    for (let call = 0; call < calls; call++) {
      say();
      if (call % 4 === 3) await until('answered', () => ended === sent);
    }
    return countOf(quick) / calls;
  };
  // Without reports both are alike; with them they stand as 1000 to 125 calls a second.
  await until('by weight', async () => (await shareOfQuick(40)) > 0.75);
  assert.ok((await shareOfQuick(80)) > 0.75);
});
