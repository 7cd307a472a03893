/**
 * What the header block of a request asks for, read as seldom as possible.
 *
 * Requests of one client differ in nothing but `squall-call` and perhaps `grpc-timeout`: the decoder
 * gives the same field objects again for all that is indexed. So a block is first compared with the
 * last one of as many fields, which is one comparison of references a field, and only read when it
 * differs. The two fields that vary are read when somebody asks for them.
 */
import { CALL_ID_KEY } from '../base/call-id.js';
import { parseGrpcTimeout } from '../http2/grpc-timeout.js';
import { fieldValue, type HeaderField } from '../http2/header-field.js';
import { ATTEMPTS_KEY, parseAttempts } from './call-host.js';
import { takesGzip } from './reply-compression.js';
import { DEFAULT_ROOM, HALF_CLOSE_KEY, staysSilent } from './rooms.js';
import type { WireMethod } from './wire-method.js';

/** What a block says, but for the fields that vary per call. */
export interface WireRequest {
  readonly path: string;
  /** Absent when there is no such method. */
  readonly method: WireMethod | undefined;
  /** HTTP status to refuse it with; 0 when it is a gRPC request. */
  readonly refusal: number;
  readonly previousAttempts: number;
  readonly room: string;
  /** Its client stays in the room when it has said everything. */
  readonly staysSilent: boolean;
  /** `grpc-encoding`, if it came. */
  readonly encoding: string | undefined;
  /** Its replies are to be under gzip. */
  readonly gzipsReplies: boolean;
  /** Where in the block the fields that vary stand; -1 when they do not. */
  readonly callIdAt: number;
  readonly timeoutAt: number;
  /** The block that it was read from. */
  readonly fields: readonly HeaderField[];
}

/** In place of one where there is none. */
export const NO_REQUEST: WireRequest = {
  path: '',
  method: undefined,
  refusal: 0,
  previousAttempts: 0,
  room: DEFAULT_ROOM,
  staysSilent: false,
  encoding: undefined,
  gzipsReplies: false,
  callIdAt: -1,
  timeoutAt: -1,
  fields: [],
};

const TIMEOUT_KEY = 'grpc-timeout';
/** How many blocks are remembered, by their number of fields; a power of two. */
const PLACES = 16;

/** Reads the requests of one connection. */
export class RequestReader {
  readonly #methods: ReadonlyMap<string, WireMethod>;
  readonly #compresses: boolean;
  readonly #known: (WireRequest | undefined)[] = new Array(PLACES).fill(undefined);

  /** @param compresses replies to clients that read gzip are under it. */
  constructor(methods: ReadonlyMap<string, WireMethod>, compresses = false) {
    this.#methods = methods;
    this.#compresses = compresses;
  }

  /** What a block says; the same object again for one that differs only in what varies. */
  read(fields: readonly HeaderField[]): WireRequest {
    const place = fields.length & (PLACES - 1);
    const known = this.#known[place];
    if (known !== undefined && saysTheSame(known, fields)) return known;
    const request = readRequest(fields, this.#methods, this.#compresses);
    this.#known[place] = request;
    return request;
  }
}

/** The value of `squall-call`, if it came. */
export function callIdOf(
  { callIdAt }: WireRequest,
  fields: readonly HeaderField[],
): string | undefined {
  return callIdAt < 0 ? undefined : fields[callIdAt]?.value;
}

/** The call's timeout in ns: Infinity without one, undefined when it is not valid. */
export function timeoutNsOf(
  { timeoutAt }: WireRequest,
  fields: readonly HeaderField[],
): number | undefined {
  if (timeoutAt < 0) return Number.POSITIVE_INFINITY;
  return parseGrpcTimeout(fields[timeoutAt]?.value ?? '');
}

function saysTheSame(known: WireRequest, fields: readonly HeaderField[]): boolean {
  const before = known.fields;
  const { length } = before;
  if (fields.length !== length) return false;
  for (let at = 0; at < length; at++) {
    const a = before[at] as HeaderField;
    const b = fields[at] as HeaderField;
    if (a === b) continue;
    if (a.name !== b.name) return false;
    if (at === known.callIdAt || at === known.timeoutAt) continue;
    if (a.value !== b.value) return false;
  }
  return true;
}

function readRequest(
  fields: readonly HeaderField[],
  methods: ReadonlyMap<string, WireMethod>,
  compresses: boolean,
): WireRequest {
  const path = fieldValue(fields, ':path') ?? '';
  const attempts = fieldValue(fields, ATTEMPTS_KEY);
  const room = fieldValue(fields, 'room');
  return {
    path,
    method: methods.get(path),
    refusal: refusalOf(fields),
    previousAttempts: parseAttempts(attempts),
    room: room === undefined || room === '' ? DEFAULT_ROOM : room,
    staysSilent: staysSilent(fieldValue(fields, HALF_CLOSE_KEY)),
    encoding: fieldValue(fields, 'grpc-encoding'),
    gzipsReplies: compresses && takesGzip(fields),
    callIdAt: fields.findIndex(({ name }) => name === CALL_ID_KEY),
    timeoutAt: fields.findIndex(({ name }) => name === TIMEOUT_KEY),
    fields,
  };
}

/** `application/grpc`, alone or with what encodes its messages. */
const GRPC_CONTENT = /^application\/grpc($|[+;])/;

/** The HTTP status for what is no gRPC request (the gRPC documentation, doc/PROTOCOL-HTTP2.md). */
function refusalOf(fields: readonly HeaderField[]): number {
  if (!GRPC_CONTENT.test(fieldValue(fields, 'content-type') ?? '')) return 415;
  return fieldValue(fields, ':method') === 'POST' ? 0 : 405;
}
