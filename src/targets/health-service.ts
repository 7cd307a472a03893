/**
 * The standard health service over a health board (gRPC core documentation,
 * doc/health-checking.md): Check answers NOT_FOUND for a service that is not known, Watch says
 * SERVICE_UNKNOWN of it and waits.
 */
import {
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { ServingStatus } from '../faults/fault.js';
import type { HealthBoard } from './health-board.js';

/** Told of every Check and every Watch that begins. */
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

export function createHealthService(
  board: HealthBoard,
  counter: HealthCounter,
): UntypedServiceImplementation {
  return {
    Check(call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>) {
      counter.checked();
      const { service } = call.request;
      const known = board.statusOf(service) ?? 'SERVICE_UNKNOWN';
      // SERVICE_UNKNOWN is a word of Watch only; Check says the same by its status code.
      if (known === 'SERVICE_UNKNOWN') {
        reply({ code: status.NOT_FOUND, details: `unknown service "${service}"` });
      } else reply(null, { status: known });
    },

    Watch(stream: ServerWritableStream<Request, Response>) {
      counter.watched();
      const { service } = stream.request;
      const tell = () => stream.write({ status: board.statusOf(service) ?? 'SERVICE_UNKNOWN' });
      const stop = board.watch(service, tell);
      stream.on('cancelled', stop);
      stream.on('error', stop);
      tell();
    },
  };
}
