/** `error-mapping`: gives errors of some codes another code, as services do at their borders. */
import { InterceptingCall, ServerInterceptingCall } from '@grpc/grpc-js';
import { z } from 'zod';
import { didYouMean } from '../base/nearest.js';
import { STATUS_NAMES, type StatusName, statusCode } from '../base/status.js';
import { defineInterceptor } from './interceptor.js';

type ErrorName = Exclude<StatusName, 'OK'>;

/** A success is a reply, which an error has not, so neither becomes the other. */
const ERROR_NAMES = STATUS_NAMES.filter((name): name is ErrorName => name !== 'OK');

/** One code, or a list of them. */
const errorNames = z.any().transform((value: unknown, context): ErrorName[] => {
  const names = [value].flat();
  for (const name of names) {
    if (ERROR_NAMES.some((known) => known === name)) continue;
    const params = { hint: didYouMean(String(name), ERROR_NAMES) };
    context.addIssue({ code: 'custom', message: `"${name}" is not the code of an error`, params });
  }
  return names as ErrorName[];
});

const schema = z.strictObject({ from: errorNames, to: z.enum(ERROR_NAMES) });

export const errorMapping = defineInterceptor({
  kind: 'error-mapping',
  summary: 'Gives errors of some codes another code: { from: UNAVAILABLE, to: ABORTED }.',
  schema,
  client(options) {
    const mapped = mapping(options);
    return (callOptions, nextCall) =>
      new InterceptingCall(nextCall(callOptions), {
        start(metadata, _listener, next) {
          next(metadata, { onReceiveStatus: (status, onward) => onward(mapped(status)) });
        },
      });
  },
  server(options) {
    const mapped = mapping(options);
    return (_method, call) =>
      new ServerInterceptingCall(call, {
        sendStatus: (status, next) => next(mapped(status)),
      });
  },
});

function mapping({ from, to }: z.output<typeof schema>) {
  const codes = new Set(from.map((name) => statusCode(name)));
  const code = statusCode(to);
  return <Status extends { readonly code?: number | null }>(status: Status): Status =>
    codes.has(status.code ?? -1) ? { ...status, code } : status;
}
