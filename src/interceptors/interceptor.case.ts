/**
 * What every interceptor has to do, as one suite that is run over the whole catalogue
 * (`interceptors.test.ts`): a new kind inherits it with its line in `index.ts` and an example of its
 * options here. Whatever it does, calls of all shapes pass it whole, and end when they are ended.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeChains } from '../../test/support/chains.js';
import { startEcho } from '../../test/support/echo.js';
import { until } from '../../test/support/until.js';
import { type AnyInterceptorKind, sidesOf } from './interceptor.js';

const CODE = { ok: 0, cancelled: 1, deadline: 4, precondition: 9 };

export interface InterceptorExample {
  /** As scenario files write them. */
  readonly options: unknown;
  /** What a call needs to pass it. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Registers the suite for one entry. */
export function interceptorCases(
  key: string,
  kind: AnyInterceptorKind,
  { options, metadata = {} }: InterceptorExample,
): void {
  describe(`interceptor ${key}`, () => {
    test('says what it is called and what it does, and knows no other options', () => {
      assert.equal(kind.kind, key);
      assert.ok(kind.summary.length > 10);
      assert.ok(sidesOf(kind).length > 0);
      assert.equal(kind.schema.safeParse({ nonsense: 1 }).success, false);
    });

    for (const side of sidesOf(kind)) {
      // Two of them: what one hands on the next has to take.
      const item = { [key]: options };
      const start = () => startEcho(makeChains({ [side]: [item, item] }));

      test(`${side}: a reply comes whole, an error with its details and trailers`, async () => {
        await using echo = await start();
        const ok = await echo.unary('hi', { metadata });
        assert.deepEqual([ok.code, ok.replies], [CODE.ok, ['hi']]);
        const failed = await echo.unary('fail', { metadata });
        assert.equal(failed.details, 'as asked');
        assert.deepEqual(failed.metadata.get('why'), ['asked']);
      });

      test(`${side}: a stream's messages come in order, both ways, and its end`, async () => {
        await using echo = await start();
        const stream = echo.stream({ metadata });
        for (const text of ['a', 'b', 'c']) assert.equal(await stream.say(text), text);
        stream.end();
        const { code, replies } = await stream.ended;
        assert.deepEqual([code, replies], [CODE.ok, ['a', 'b', 'c']]);
      });

      test(`${side}: a stream that is cancelled ends on both sides`, async () => {
        await using echo = await start();
        const stream = echo.stream({ metadata });
        await stream.say('a');
        stream.cancel();
        assert.equal((await stream.ended).code, CODE.cancelled);
        await until('the handler hears of it', () => echo.cancelled() === 1);
      });

      test(`${side}: a call that is cancelled, or late, before it was sent ends as well`, async () => {
        await using echo = await start();
        const stream = echo.stream({ metadata });
        stream.cancel();
        assert.equal((await stream.ended).code, CODE.cancelled);
        for (const deadlineMs of [-1, 40]) {
          const { code } = await echo.unary('hang', { metadata, deadlineMs });
          assert.equal(code, CODE.deadline, `${deadlineMs} ms`);
        }
      });
    }
  });
}
