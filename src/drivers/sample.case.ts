/**
 * What every driver writes down of a call that is followed: over which connections its attempts went, and
 * with which codes the server reset them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelOf, createWitness, REQUEST } from '../../test/support/call-witness.js';
import { numberFrame } from '../../test/support/http2-frames.js';
import { goaway, type Script, startScript } from '../../test/support/http2-script.js';
import { ERROR_CODE_NAMES, http2ErrorCode } from '../base/http2-error-code.js';
import { CallSample } from '../calls/call-sample.js';
import { SAY_METHOD } from '../calls/chat-codec.js';
import type { SampledAttempt } from '../metrics/record.js';
import { clientSchema } from './client-schema.js';
import { createDriver } from './create-driver.js';
import type { Driver } from './driver.js';
import type { ClientSpec } from './spec.js';

const RST_STREAM = 3;

export function sampleCases(driver: ClientSpec['driver']): void {
  const connect = async (address: string) => {
    const client = createDriver([address], clientSchema.parse({ driver }));
    await client.ready(5_000);
    return client;
  };

  test(`${driver}: every code that a stream is reset with is written down by its name`, async () => {
    const codes: number[] = [];
    const script: Script = {
      onRequest: (peer, id) => peer.send(numberFrame(RST_STREAM, id, codes[0] ?? 0)),
    };
    await using server = await startScript(script);
    using client = await connect(server.address);
    for (const name of ERROR_CODE_NAMES) {
      codes[0] = http2ErrorCode(name);
      const attempts = await followedCall(client);
      // A refused stream is sent again once, and refused again.
      const expected = name === 'REFUSED_STREAM' ? [name, name] : [name];
      assert.deepEqual(
        attempts.map(({ resetCode }) => resetCode),
        expected,
      );
    }
  });

  test(`${driver}: an end by the server's word, or by ours, is no reset`, async () => {
    const script: Script = {
      onRequest: (peer, id) => id === 1 && peer.reply(id),
    };
    await using server = await startScript(script);
    using client = await connect(server.address);
    const [answered] = await followedCall(client);
    assert.equal(answered?.resetCode, undefined);
    const [late] = await followedCall(client, 20);
    assert.equal(late?.resetCode, undefined);
    assert.equal(late?.status, 'DEADLINE_EXCEEDED');
  });

  test(`${driver}: attempts name their connections, and a new one has another number`, async () => {
    const script: Script = {
      onRequest: (peer, id) => {
        if (peer.nth === 0 && peer.streams.length === 3) peer.send(goaway(3));
        else peer.reply(id);
      },
    };
    await using server = await startScript(script);
    using client = await connect(server.address);
    const [one] = await followedCall(client);
    const [two] = await followedCall(client);
    const [sent, again] = await followedCall(client);
    const [last] = await followedCall(client);
    const numbers = [one, two, sent, again, last].map((attempt) => attempt?.connection);
    const [before, , , after] = numbers;
    assert.ok(before !== undefined && after !== undefined && before !== after, `${numbers}`);
    assert.deepEqual(numbers, [before, before, before, after, after]);
  });
}

/** @returns the attempts of a call that is followed. */
async function followedCall(client: Driver, deadlineMs = 5_000): Promise<SampledAttempt[]> {
  const { ticket, ended } = createWitness();
  const sample = new CallSample(true);
  ticket.sample = sample;
  channelOf(client).unary(SAY_METHOD, REQUEST, ticket, deadlineMs * 1e6);
  await ended;
  return sample.attempts(0);
}
