/**
 * The standard health service over a health board (gRPC core documentation,
 * doc/health-checking.md): Check answers NOT_FOUND for a service that is not known, Watch says
 * SERVICE_UNKNOWN of it and waits, List has all that are known.
 */
import {
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { ServingStatus } from '../base/serving-status.js';
import type { HealthBoard } from './health-board.js';
import type { HealthWatches } from './health-watches.js';

/** Told of every Check, a List counting as one, and of every Watch that begins. */
export interface HealthCounter {
  checked(): void;
  watched(): void;
}

interface Request {
  readonly service: string;
}

interface Response {
  readonly status: ServingStatus;
}

interface ListResponse {
  readonly statuses: Readonly<Record<string, Response>>;
}

export interface HealthParts {
  readonly board: HealthBoard;
  readonly watches: HealthWatches;
}

export function createHealthService(
  { board, watches }: HealthParts,
  counter: HealthCounter,
): UntypedServiceImplementation {
  /** SERVICE_UNKNOWN is a word of Watch only; for all others it is not known. */
  const knownStatusOf = (name: string) => {
    const known = board.statusOf(name);
    return known === 'SERVICE_UNKNOWN' ? undefined : known;
  };
  return {
    Check(call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>) {
      counter.checked();
      const { service } = call.request;
      const known = knownStatusOf(service);
      if (known === undefined) {
        reply({ code: status.NOT_FOUND, details: `unknown service "${service}"` });
      } else reply(null, { status: known });
    },

    List(_call: ServerUnaryCall<object, ListResponse>, reply: sendUnaryData<ListResponse>) {
      counter.checked();
      const entries = board.names().flatMap((name): [string, Response][] => {
        const known = knownStatusOf(name);
        return known === undefined ? [] : [[name, { status: known }]];
      });
      reply(null, { statuses: Object.fromEntries(entries) });
    },

    Watch(stream: ServerWritableStream<Request, Response>) {
      counter.watched();
      const forget = watches.open(stream.request.service, {
        tell: (known) => void stream.write({ status: known }),
        // An error is how a handler of grpc-js ends a stream with a status.
        end: (code, details) => void stream.emit('error', { code, details }),
      });
      stream.on('cancelled', forget);
      stream.on('error', forget);
    },
  };
}
