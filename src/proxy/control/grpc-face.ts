/** A steering over gRPC (proto/control.proto), with reflection, so that a client needs no file of ours. */
import { fileURLToPath } from 'node:url';
import {
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import type { TokenCheck } from './access.js';
import type { FaultView, Steering } from './steering.js';
import { SteeringError, type SteeringProblem } from './steering-error.js';

export interface GrpcFaceOptions {
  readonly steering: Steering;
  readonly isAllowed: TokenCheck;
  /** A call that met a bug of ours; it was answered with INTERNAL. */
  readonly onBug: (error: unknown) => void;
}

/** This file runs from dist/src/proxy/control/; proto/ lies beside dist/. */
const PROTO_FILE = new URL('../../../../proto/control.proto', import.meta.url);
export const CONTROL_SERVICE = 'squall.control.v1.ProxyControl';
/** A fault is a line or a few. */
const MESSAGE_BYTES_MAX = 131_072;
/** They are sent as a header, and clients take only so much of those. */
const DETAILS_CHARACTERS_MAX = 2_000;
/** Connections are few: one on which nothing is asked makes room for others. */
const IDLE_MS_MAX = 300_000;

/** The contract, as servers, clients and reflection take it. */
export function loadControlProto(): PackageDefinition {
  return loadSync(fileURLToPath(PROTO_FILE), { longs: Number, enums: String, defaults: true });
}

/** It listens nowhere: connections are handed to its injector. */
export function createGrpcFace(options: GrpcFaceOptions) {
  const protos = loadControlProto();
  const server = new Server({
    'grpc.enable_channelz': 0,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_connection_idle_ms': IDLE_MS_MAX,
    interceptors: [tokenInterceptor(options.isAllowed)],
  });
  server.addService(protos[CONTROL_SERVICE] as ServiceDefinition, methodsOf(options));
  new ReflectionService(protos).addToServer(server);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return { accept: injector.injectConnection, close: () => server.forceShutdown() };
}

function tokenInterceptor(isAllowed: TokenCheck): ServerInterceptor {
  return (_method, call) =>
    new ServerInterceptingCall(call, {
      start(next) {
        next({
          onReceiveMetadata(metadata, onward) {
            const [given] = metadata.get('authorization');
            if (isAllowed(typeof given === 'string' ? given : undefined)) onward(metadata);
            else {
              const details = 'the token is not right (send "authorization: Bearer TOKEN")';
              call.sendStatus({ code: status.UNAUTHENTICATED, details });
            }
          },
        });
      },
    });
}

interface Request {
  readonly id: string;
  readonly fault: string;
}

function methodsOf({ steering, onBug }: GrpcFaceOptions): UntypedServiceImplementation {
  const answering =
    (answer: (request: Request) => object) =>
    (call: ServerUnaryCall<Request, object>, reply: sendUnaryData<object>) => {
      try {
        reply(null, answer(call.request));
      } catch (error) {
        if (error instanceof SteeringError) {
          const details = error.message.slice(0, DETAILS_CHARACTERS_MAX);
          reply({ code: CODE_OF[error.problem], details });
          return;
        }
        onBug(error);
        reply({ code: status.INTERNAL, details: 'this is a bug in grpc-squall' });
      }
    };
  return {
    ListKinds: answering(() => ({ kinds: steering.kinds() })),
    ListFaults: answering(() => ({ faults: steering.faults().map(faultMessage) })),
    AddFault: answering(({ fault }) => faultMessage(steering.add(fault))),
    ChangeFault: answering(({ id, fault }) => faultMessage(steering.change(id, fault))),
    RemoveFault: answering(({ id }) => {
      steering.remove(id);
      return {};
    }),
    GetCounters: answering(() => steering.counters()),
    ListConnections: answering(() => ({ connections: steering.connections() })),
    Reset: answering(() => {
      steering.reset();
      return {};
    }),
  };
}

const CODE_OF: Readonly<Record<SteeringProblem, number>> = {
  invalid: status.INVALID_ARGUMENT,
  unknown: status.NOT_FOUND,
  full: status.RESOURCE_EXHAUSTED,
};

/** All other views are messages as they stand. */
function faultMessage({ fault, state, ...view }: FaultView) {
  return { ...view, fault: JSON.stringify(fault), state: state.toUpperCase() };
}
