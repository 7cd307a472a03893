/** What a name service says under faults, on a clock that only the test moves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Discovery, type Resolution } from './discovery.js';

const NAMES = ['b0', 'b1', 'b2'];

/** `b0 b1`, or the details of a failure. */
const short = (said: Resolution) =>
  'code' in said ? said.details : said.backends.map(({ name }) => name).join(' ');

function service(address = (name: string) => `127.0.0.1:5000${name.slice(1)}`) {
  const timers: { readonly dueNs: number; fire: () => void }[] = [];
  const said: string[] = [];
  let nowNs = 0;
  const discovery = new Discovery({
    backends: NAMES.map((name) => ({ name, address: address(name) })),
    after(ns, fire) {
      const timer = { dueNs: nowNs + ns, fire };
      timers.push(timer);
      return () => {
        timer.fire = () => {};
      };
    },
    onSaid: (what) => said.push(short(what)),
  });
  return {
    discovery,
    said,
    /** A client and what it was told. */
    client() {
      const told: string[] = [];
      const addresses: string[] = [];
      const client = discovery.subscribe((what) => {
        told.push(short(what));
        if ('backends' in what) addresses.push(...what.backends.map((one) => one.address));
      });
      return { ...client, told, addresses };
    },
    /** Lets so much time pass, and the turn of the event loop that answers come in. */
    async pass(ns = 0) {
      nowNs += ns;
      for (const timer of timers) if (timer.dueNs <= nowNs) timer.fire();
      timers.splice(0, timers.length, ...timers.filter(({ dueNs }) => dueNs > nowNs));
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('a client that asks is answered later, once for what it knows already', async () => {
  const { discovery, said, client, pass } = service();
  const { ask, told } = client();
  ask();
  assert.deepEqual(told, []);
  await pass();
  ask();
  ask();
  await pass();
  assert.deepEqual(told, ['b0 b1 b2']);
  assert.deepEqual(said, [], 'nothing was said but what is always true');
  assert.deepEqual(discovery.takeCounts(), { asked: 3, told: 1 });
  assert.deepEqual(discovery.takeCounts(), { asked: 0, told: 0 });
});

test('changes are told to clients that have asked, and to no others', async () => {
  const { discovery, said, client, pass } = service();
  const [asking, silent, closed] = [client(), client(), client()];
  asking.ask();
  closed.ask();
  await pass();
  closed.close();
  const undo = discovery.name(['b2', 'b0']);
  undo();
  undo();
  assert.deepEqual(asking.told, ['b0 b1 b2', 'b0 b2', 'b0 b1 b2'], 'in the order of the plan');
  assert.deepEqual(said, ['b0 b2', 'b0 b1 b2']);
  assert.deepEqual([silent.told, closed.told], [[], ['b0 b1 b2']]);
  // One that asks again knows nothing.
  closed.ask();
  await pass();
  assert.equal(closed.told.length, 2);
});

test('of two lists the later counts, and giving one way to the next tells nothing between', () => {
  const { discovery, said } = service();
  const first = discovery.name(['b0']);
  const second = discovery.name(['b1']);
  first();
  second();
  assert.deepEqual(said, ['b0', 'b1', 'b0 b1 b2']);
});

test('a failure is told to whoever asks, each time; the list is back when it is over', async () => {
  const { discovery, client, pass } = service();
  const { ask, told } = client();
  ask();
  await pass();
  const recover = discovery.fail(14, 'down');
  ask();
  await pass();
  // What is named meanwhile is what counts afterwards.
  const undo = discovery.name([]);
  recover();
  undo();
  assert.deepEqual(told, ['b0 b1 b2', 'down', 'down', '', 'b0 b1 b2']);
});

test('what is frozen stays, with addresses of nobody before it, until it is over', async () => {
  for (const [address, gone] of [
    [(name: string) => `127.0.0.1:5000${name.slice(1)}`, ['127.0.0.2:1', '127.0.0.3:1']],
    [(name: string) => `unix:/run/${name}`, ['unix:/run/b0.gone-1', 'unix:/run/b0.gone-2']],
  ] as const) {
    const { discovery, client, pass } = service(address);
    const { ask, told, addresses } = client();
    const undo = discovery.name(['b1']);
    const thaw = discovery.freeze(2);
    undo();
    ask();
    await pass();
    assert.deepEqual(addresses, [...gone, address('b1')]);
    thaw();
    assert.deepEqual(told, ['gone-1 gone-2 b1', 'b0 b1 b2']);
  }
});

test('slow: changes and first answers come so much later, in order', async () => {
  const { discovery, said, client, pass } = service();
  const [known, fresh] = [client(), client()];
  known.ask();
  await pass();
  const hurry = discovery.slow(100);
  const undo = discovery.name(['b0']);
  await pass(50);
  undo();
  fresh.ask();
  await pass(49);
  assert.deepEqual([said, fresh.told], [[], []]);
  await pass(1);
  assert.deepEqual(said, ['b0']);
  assert.deepEqual(fresh.told, []);
  await pass(50);
  assert.deepEqual(known.told, ['b0 b1 b2', 'b0', 'b0 b1 b2']);
  assert.deepEqual(fresh.told, ['b0 b1 b2'], 'what is said when the answer is due, once');
  hurry();
  assert.deepEqual([known.told.length, fresh.told.length], [3, 1]);
});

test('the end of slow tells all that it held back, at once', async () => {
  const { discovery, said, client, pass } = service();
  const [known, fresh, closed] = [client(), client(), client()];
  known.ask();
  await pass();
  const hurry = discovery.slow(100);
  discovery.name(['b0']);
  fresh.ask();
  closed.ask();
  closed.close();
  hurry();
  assert.deepEqual(known.told, ['b0 b1 b2', 'b0']);
  assert.deepEqual(fresh.told, ['b0']);
  await pass(1_000);
  assert.deepEqual(said, ['b0'], 'and nothing once more');
  assert.deepEqual([known.told.length, fresh.told.length, closed.told.length], [2, 1, 0]);
});

test('a client that closes and asks again waits the whole time', async () => {
  const { discovery, client, pass } = service();
  const { ask, close, told } = client();
  discovery.slow(100);
  ask();
  await pass(60);
  close();
  ask();
  await pass(60);
  assert.deepEqual(told, []);
  await pass(40);
  assert.deepEqual(told, ['b0 b1 b2']);
});

test('when it is disposed of it says nothing more', async () => {
  const { discovery, said, client, pass } = service();
  const { ask, told } = client();
  discovery.slow(100);
  ask();
  discovery.name(['b0']);
  discovery[Symbol.dispose]();
  await pass(1_000);
  assert.deepEqual([said, told], [[], []]);
});
