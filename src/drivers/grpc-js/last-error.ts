/**
 * Why a channel has no connection: grpc-js tells nobody but in the details of calls that fail for it. A
 * call of ours is made to fail, and its details come down to a clause.
 */
import { type Client, Metadata } from '@grpc/grpc-js';

/** Time for a channel to have failed once; one that still tries has no error to tell. */
const WAIT_MS = 200;

/** @returns undefined when there is none that it knows of. */
export function lastErrorOf(client: Client): Promise<string | undefined> {
  const asIs = (bytes: Buffer) => bytes;
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      asIs,
      asIs,
      Buffer.alloc(0),
      new Metadata(),
      { deadline: Date.now() + WAIT_MS },
      (error) => resolve(reasonIn(error?.details ?? '')),
    );
  });
}

/**
 * The reason in `No connection established. Last error: … (2026-…Z). Resolution note: …`, without the
 * time; of what OpenSSL says, without where in its source.
 */
export function reasonIn(details: string): string | undefined {
  const [, said] = /Last error: ([\s\S]+?)(?:\. Resolution note|$)/.exec(details) ?? [];
  const error = said?.replace(/\s+\(\d{4}-[^)]*\)\s*$/, '').trim();
  return /:SSL routines:[^:]*:([^:]+)/.exec(error ?? '')?.[1] ?? error;
}
