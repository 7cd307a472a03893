/**
 * The grpc-js driver: the real Node client, with its channel, balancers, retries, hedging, throttling
 * and keepalive. It is what a scenario studies when a client policy is in question.
 *
 * What is added to each call is one metadata entry (its number and due time) and the ticket that
 * counts its attempts; messages go through as bytes, encoded elsewhere.
 */
import { promisify } from 'node:util';
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientUnaryCall,
  type ClientWritableStream,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { CALL_ID_KEY, formatCallId } from '../../base/call-id.js';
import { monotonicNowNs, NS_PER_MS } from '../../base/clock.js';
import { RunError } from '../../base/errors.js';
import { createRng } from '../../base/rng.js';
import { STATUS_OK, statusCode } from '../../base/status.js';
import { assertMetadata, type CallMetadata } from '../../calls/call-metadata.js';
import type { CallChannel, MessageStream, OnReply } from '../../calls/channel.js';
import type { CallTicket } from '../../calls/ticket.js';
import type { Driver, DriverContext } from '../driver.js';
import { keepaliveOptions } from '../keepalive-schema.js';
import { metadataOfSpec, OPTION_OF_KEY } from '../message-schema.js';
import type { ClientSpec, ClientTls } from '../spec.js';
import { type WaitsForReady, waitForReadyOf } from '../wait-for-ready.js';
import type { TicketOptions } from './attempt-balancer.js';
import { balancingOptions } from './balancing-context.js';
import { discoveryTarget } from './discovery-resolver.js';
import { targetOf } from './fixed-resolver.js';
import { lastErrorOf } from './last-error.js';
import { registerPolicies } from './register-policies.js';
import { hearReplies, NO_MESSAGE } from './replies.js';

const UNKNOWN = statusCode('UNKNOWN');

/** It would ask for the name "127.0.0.1", which is none; certificates of our targets say localhost. */
export function tlsOptions(tls: ClientTls | undefined): ChannelOptions {
  if (tls === undefined) return {};
  return { 'grpc.ssl_target_name_override': tls.serverName ?? 'localhost' };
}

const asIs = (bytes: Buffer) => bytes;

/** In a parser's place: what it throws at, grpc-js ends the call with INTERNAL for. */
function parserOf(onReply: OnReply | undefined): (bytes: Buffer) => Buffer {
  if (onReply === undefined) return asIs;
  return (bytes) => {
    if (onReply(bytes, 0, bytes.length) === false) throw new Error(NO_MESSAGE);
    return bytes;
  };
}

/**
 * A client of the given addresses.
 * @param addresses `host:port` of every backend; the policy under test sees them all.
 */
export function createGrpcJsDriver(
  addresses: readonly string[],
  spec: ClientSpec,
  { interceptors = [], discovery, ...context }: Partial<DriverContext> = {},
): Driver {
  registerPolicies();
  const options = {
    'grpc.service_config': JSON.stringify(spec.serviceConfig),
    // Otherwise channels of one thread share connections, whatever `channels` says.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_channelz': 0,
    'grpc.enable_http_proxy': 0,
    ...messageOptions(spec),
    ...keepaliveOptions(spec.keepalive),
    ...tlsOptions(spec.tls),
    ...spec.channelOptions,
    ...balancingOptions({
      random: context.random ?? createRng(1, 'balancing'),
      now: monotonicNowNs,
      zones: context.zones ?? new Map(),
      onHealth: (address, news) => context.onHealth?.(address, news),
      onEjection: (address, news) => context.onEjection?.(address, news),
    }),
    ...(interceptors.length === 0 ? {} : { interceptors: [...interceptors] }),
  };
  const metadata = metadataOfSpec(spec);
  const waits = spec.isServiceConfigRaw ? undefined : waitForReadyOf(spec.serviceConfig);
  const discovered = discovery === undefined ? undefined : discoveryTarget(discovery, addresses);
  const target = discovered?.target ?? targetOf(addresses);
  const clients = Array.from(
    { length: spec.channels },
    () => new Client(target, credentialsOf(spec.tls), options),
  );
  return {
    channels: clients.map((client) =>
      channelOf(client, { callIds: spec.callIds ?? true, metadata, waits }),
    ),
    async ready(timeoutMs) {
      const connect = (client: Client) =>
        promisify(client.waitForReady.bind(client))(Date.now() + timeoutMs);
      const whyNot = async (client: Client) => {
        try {
          await connect(client);
        } catch (cause) {
          const reason = await lastErrorOf(client);
          const limit = `within ${timeoutMs / 1000} s`;
          const message = `no connection to ${addresses.join(', ')} ${limit}`;
          throw new RunError(reason === undefined ? message : `${message}: ${reason}`, { cause });
        }
      };
      await Promise.all(clients.map(whyNot));
    },
    [Symbol.dispose]() {
      for (const client of clients) client.close();
      discovered?.[Symbol.dispose]();
    },
  };
}

/** What every call of a client carries. */
interface Common {
  /** Whether calls say which they are. */
  readonly callIds: boolean;
  readonly metadata: CallMetadata;
  /** Undefined: none does. */
  readonly waits: WaitsForReady | undefined;
}

function messageOptions({ receiveBytesMax, sendBytesMax, compression }: ClientSpec) {
  return {
    ...(receiveBytesMax === undefined
      ? {}
      : { [OPTION_OF_KEY.maxReceiveMessageSize]: receiveBytesMax }),
    ...(sendBytesMax === undefined ? {} : { [OPTION_OF_KEY.maxSendMessageSize]: sendBytesMax }),
    ...(compression === undefined
      ? {}
      : { [OPTION_OF_KEY.compression]: compressionAlgorithms[compression] }),
  };
}

/** What a channel needs to speak TLS with our targets, or cleartext. */
export function credentialsOf(tls: ClientTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const octets = (pem: string | undefined) => (pem === undefined ? null : Buffer.from(pem));
  return credentials.createSsl(octets(tls.ca), octets(tls.key), octets(tls.cert));
}

function channelOf(client: Client, common: Common): CallChannel {
  return {
    unary(method, request, ticket, deadlineNs, metadata, onReply) {
      const call = client.makeUnaryRequest(
        method,
        asIs,
        parserOf(onReply),
        request,
        metadataOf(method, ticket, common, metadata),
        optionsOf(deadlineNs),
        (error) => end(ticket, error),
      );
      ticket.carrier = call;
      sampleHeaders(call, ticket);
    },
    serverStream(method, request, ticket, deadlineNs, metadata, onMessage) {
      const call = client.makeServerStreamRequest(
        method,
        asIs,
        asIs,
        request,
        metadataOf(method, ticket, common, metadata),
        optionsOf(deadlineNs),
      );
      ticket.carrier = call;
      return hearReplies(call, ticket, onMessage, (status) => end(ticket, status));
    },
    clientStream(method, ticket, deadlineNs, metadata, onReply) {
      const call = client.makeClientStreamRequest(
        method,
        asIs,
        asIs,
        metadataOf(method, ticket, common, metadata),
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
        metadataOf(method, ticket, common, metadata),
        optionsOf(deadlineNs),
      );
      ticket.carrier = call;
      const reading = hearReplies(call, ticket, onMessage, (status) => end(ticket, status));
      return Object.assign(messageStream(call, ticket), reading);
    },
  };
}

/** Deadlines of grpc-js are Unix times in ms. */
function optionsOf(deadlineNs: number | undefined): { deadline?: number } {
  return deadlineNs === undefined ? {} : { deadline: Date.now() + deadlineNs / NS_PER_MS };
}

function metadataOf(
  method: string,
  ticket: CallTicket,
  common: Common,
  entries: CallMetadata | undefined,
): Metadata {
  const options: TicketOptions = common.waits?.(method)
    ? { ticket, waitForReady: true }
    : { ticket };
  const metadata = new Metadata(options);
  if (common.callIds) {
    const { ordinal, dueNs, owner } = ticket;
    metadata.set(CALL_ID_KEY, formatCallId(ordinal, dueNs, owner.upstream));
  }
  setAll(metadata, common.metadata);
  if (entries !== undefined) setAll(metadata, entries);
  return metadata;
}

function setAll(metadata: Metadata, entries: CallMetadata): void {
  assertMetadata(entries);
  for (const key in entries) {
    const value = entries[key] ?? '';
    metadata.set(key, typeof value === 'string' ? value : Buffer.from(value));
  }
}

/** Writes down when the response headers came, of a call that is written down at all. */
function sampleHeaders(call: ClientUnaryCall, { sample, owner }: CallTicket): void {
  if (sample === undefined) return;
  call.on('metadata', () => {
    sample.gotHeaders(owner.now());
  });
}

/** @param error or the status itself; null for a call that went well. */
function end(ticket: CallTicket, error: Partial<Pick<ServiceError, 'code'>> | null): void {
  ticket.ended = true;
  // A message that it cannot decompress ends a call with a status that has no code.
  const code = error === null ? STATUS_OK : (error.code ?? UNKNOWN);
  ticket.owner.callEnded(ticket, code, ticket.owner.now());
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
