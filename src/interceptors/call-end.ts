/**
 * Interceptors that look at a call's beginning and end and leave it as it is.
 *
 * A call ends once: on the client with its status, on the server with the status that is sent or, where
 * none was, when its client gave up.
 */
import {
  InterceptingCall,
  type Interceptor,
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import { statusCode } from '../base/status.js';

const CANCELLED = statusCode('CANCELLED');

/** What is told of one call. */
export interface CallWatch {
  ended(code: number, details: string): void;
}

/** Called when a call begins: on the client before it is sent, on the server when it arrived. */
export type WatchCall = (method: string, metadata: Metadata) => CallWatch | undefined;

export function watchingClient(watch: WatchCall): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, listener, next) {
        const watched = watch(options.method_definition.path, metadata);
        if (watched === undefined) next(metadata, listener);
        else {
          next(metadata, {
            onReceiveStatus(status, onward) {
              watched.ended(status.code, status.details);
              onward(status);
            },
          });
        }
      },
    });
}

export function watchingServer(watch: WatchCall): ServerInterceptor {
  return ({ path }, call) => {
    let watched: CallWatch | undefined;
    const end = (code: number, details: string) => {
      watched?.ended(code, details);
      watched = undefined;
    };
    return new ServerInterceptingCall(call, {
      start(next) {
        next({
          onReceiveMetadata(metadata, onward) {
            watched = watch(path, metadata);
            onward(metadata);
          },
          // Called at the end of every call; one that was answered has been told of already.
          onCancel: () => end(CANCELLED, 'the client gave up'),
        });
      },
      sendStatus(status, next) {
        end(status.code ?? CANCELLED, status.details ?? '');
        next(status);
      },
    });
  };
}
