/**
 * The grpc-js driver: the real Node client, with its channel, balancers, retries, hedging, throttling
 * and keepalive. It is what a scenario studies when a client policy is in question.
 *
 * What is added to each call is one metadata entry (its number and due time) and the ticket that
 * counts its attempts; messages go through as bytes, encoded elsewhere.
 */
import { promisify } from 'node:util';
import {
  Client,
  type ClientReadableStream,
  type ClientWritableStream,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { CALL_ID_KEY, formatCallId } from '../../base/call-id.js';
import { NS_PER_MS } from '../../base/clock.js';
import { RunError } from '../../base/errors.js';
import { STATUS_OK } from '../../base/status.js';
import type { CallChannel, CallMetadata, MessageStream, OnReply } from '../../calls/channel.js';
import type { CallTicket } from '../../calls/ticket.js';
import type { Driver } from '../driver.js';
import type { ClientSpec } from '../spec.js';
import { registerAttemptBalancer, type TicketOptions } from './attempt-balancer.js';

const asIs = (bytes: Buffer) => bytes;

/**
 * A client of the given addresses.
 * @param addresses `host:port` of every backend; the policy under test sees them all.
 */
export function createGrpcJsDriver(addresses: readonly string[], spec: ClientSpec): Driver {
  registerAttemptBalancer();
  const options = {
    'grpc.service_config': JSON.stringify(spec.serviceConfig),
    // Otherwise channels of one thread share connections, whatever `channels` says.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_channelz': 0,
    'grpc.enable_http_proxy': 0,
    ...spec.channelOptions,
  };
  const clients = Array.from(
    { length: spec.channels },
    () => new Client(`ipv4:${addresses.join(',')}`, credentials.createInsecure(), options),
  );
  return {
    channels: clients.map((client) => channelOf(client, spec.callIds ?? true)),
    async ready(timeoutMs) {
      const connect = (client: Client) =>
        promisify(client.waitForReady.bind(client))(Date.now() + timeoutMs);
      try {
        await Promise.all(clients.map(connect));
      } catch (cause) {
        throw new RunError(
          `no connection to ${addresses.join(', ')} within ${timeoutMs / 1000} s`,
          { cause },
        );
      }
    },
    [Symbol.dispose]() {
      for (const client of clients) client.close();
    },
  };
}

function channelOf(client: Client, callIds: boolean): CallChannel {
  return {
    unary(method, request, ticket, deadlineNs, metadata) {
      const call = client.makeUnaryRequest(
        method,
        asIs,
        asIs,
        request,
        metadataOf(ticket, callIds, metadata),
        optionsOf(deadlineNs),
        (error) => end(ticket, error),
      );
      ticket.carrier = call;
    },
    serverStream(method, request, ticket, deadlineNs, metadata, onMessage) {
      const call = client.makeServerStreamRequest(
        method,
        asIs,
        asIs,
        request,
        metadataOf(ticket, callIds, metadata),
        optionsOf(deadlineNs),
      );
      ticket.carrier = call;
      listen(call, ticket, onMessage);
    },
    clientStream(method, ticket, deadlineNs, metadata, onReply) {
      const call = client.makeClientStreamRequest(
        method,
        asIs,
        asIs,
        metadataOf(ticket, callIds, metadata),
        optionsOf(deadlineNs),
        (error, reply) => {
          if (reply !== undefined) onReply?.(reply, 0, reply.length);
          end(ticket, error);
        },
      );
      ticket.carrier = call;
      return messageStream(call, ticket);
    },
    stream(method, ticket, deadlineNs, metadata, onMessage) {
      const call = client.makeBidiStreamRequest(
        method,
        asIs,
        asIs,
        metadataOf(ticket, callIds, metadata),
        optionsOf(deadlineNs),
      );
      ticket.carrier = call;
      listen(call, ticket, onMessage);
      return messageStream(call, ticket);
    },
  };
}

/** Deadlines of grpc-js are Unix times in ms. */
function optionsOf(deadlineNs: number | undefined): { deadline?: number } {
  return deadlineNs === undefined ? {} : { deadline: Date.now() + deadlineNs / NS_PER_MS };
}

function metadataOf(
  ticket: CallTicket,
  callIds: boolean,
  entries: CallMetadata | undefined,
): Metadata {
  const options: TicketOptions = { ticket };
  const metadata = new Metadata(options);
  if (callIds) metadata.set(CALL_ID_KEY, formatCallId(ticket.ordinal, ticket.dueNs));
  for (const key in entries) metadata.set(key, entries[key] ?? '');
  return metadata;
}

function end(ticket: CallTicket, error: Pick<ServiceError, 'code'> | null): void {
  ticket.ended = true;
  ticket.owner.callEnded(ticket, error?.code ?? STATUS_OK, ticket.owner.now());
}

/** Hears a stream of replies, to its end. */
function listen(call: ClientReadableStream<Buffer>, ticket: CallTicket, onMessage: OnReply): void {
  call.on('data', (message: Buffer) => onMessage(message, 0, message.length));
  // The status says the same again; without a listener the error would end the process.
  call.on('error', () => {});
  call.on('status', (status) => end(ticket, status));
}

/** The writing side of a call. */
function messageStream(call: ClientWritableStream<Buffer>, ticket: CallTicket): MessageStream {
  let writable = true;
  let bufferedBytes = 0;
  // The status says the same again; without a listener the error would end the process.
  call.on('error', () => {});
  call.on('drain', () => {
    writable = true;
  });
  return {
    get writable() {
      return writable && !ticket.ended;
    },
    get bufferedBytes() {
      return bufferedBytes;
    },
    write(message) {
      const { length } = message;
      bufferedBytes += length;
      // Written later, when the caller may have changed it.
      writable = call.write(Buffer.from(message), () => {
        bufferedBytes -= length;
      });
      return writable;
    },
    onceWritable(resume) {
      call.once('drain', resume);
    },
    finish() {
      call.end();
    },
  };
}
