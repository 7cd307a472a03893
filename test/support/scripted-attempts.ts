/** A server that does with each attempt what a script says, as an interceptor, and keeps what it saw of it. */
import {
  Metadata,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerListener,
} from '@grpc/grpc-js';

/** What becomes of an attempt; of `answer`: it goes on to the handler. */
export type Step =
  | 'answer'
  | 'hang'
  | {
      readonly code: number;
      readonly trailers?: Readonly<Record<string, string>>;
      /** Headers go first. */
      readonly withHeaders?: true;
      /** So many requests are read before. */
      readonly afterMessages?: number;
    };

/** As it arrived. */
export interface SeenAttempt {
  readonly previous: string | undefined;
  /** Infinity without a deadline. */
  readonly givenMs: number;
  readonly messages: string[];
}

/** @param last what becomes of attempts after those of the script. */
export function scripted(steps: readonly Step[], last: Step) {
  const seen: SeenAttempt[] = [];
  const intercept: ServerInterceptor = (_method, call) => {
    const step = steps[seen.length] ?? last;
    const messages: string[] = [];
    const fail = () => {
      if (typeof step === 'string') return;
      const metadata = new Metadata();
      for (const [key, value] of Object.entries(step.trailers ?? {})) metadata.set(key, value);
      if (step.withHeaders) call.sendMetadata(new Metadata());
      call.sendStatus({ code: step.code, details: 'as scripted', metadata });
    };
    return new ServerInterceptingCall(call, {
      start(next) {
        const listener: ServerListener = {
          onReceiveMetadata(metadata, onward) {
            seen.push({
              previous: metadata.get('grpc-previous-rpc-attempts')[0]?.toString(),
              givenMs: Number(call.getDeadline()) - Date.now(),
              messages,
            });
            if (step === 'answer') onward(metadata);
            else if (step !== 'hang' && step.afterMessages === undefined) fail();
            else call.startRead();
          },
          onReceiveMessage(message: Buffer, onward) {
            messages.push(message.toString());
            if (step === 'answer') onward(message);
            else if (typeof step === 'object' && messages.length === step.afterMessages) fail();
            else call.startRead();
          },
          onReceiveHalfClose: (onward) => (step === 'answer' ? onward() : undefined),
          onCancel: () => {},
        };
        next(listener);
      },
    });
  };
  return { intercept, seen };
}
