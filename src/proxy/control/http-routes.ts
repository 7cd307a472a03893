/** The paths of the HTTP face and what each does: a steering's own functions, and nothing beside. */
import type { Steering } from './steering.js';

/** What is answered; a body is sent as JSON. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** Path of what was made. */
  readonly location?: string;
}

/** @param id the last part of the path, where it has one. */
type Action = (steering: Steering, id: string, body: string) => Answer;

interface Route {
  readonly path: RegExp;
  readonly methods: Readonly<Record<string, Action>>;
}

const OK = 200;
const CREATED = 201;
const NO_CONTENT = 204;
const FAULTS = '/v1/faults';

const ROUTES: readonly Route[] = [
  { path: /^\/v1\/kinds$/, methods: { GET: (of) => ok({ kinds: of.kinds() }) } },
  {
    path: /^\/v1\/faults$/,
    methods: {
      GET: (of) => ok({ faults: of.faults() }),
      POST(of, _id, body) {
        const fault = of.add(body);
        return { status: CREATED, body: fault, location: `${FAULTS}/${fault.id}` };
      },
    },
  },
  {
    path: /^\/v1\/faults\/([^/]+)$/,
    methods: {
      GET: (of, id) => ok(of.fault(id)),
      PUT: (of, id, body) => ok(of.change(id, body)),
      DELETE(of, id) {
        of.remove(id);
        return { status: NO_CONTENT };
      },
    },
  },
  { path: /^\/v1\/counters$/, methods: { GET: (of) => ok(of.counters()) } },
  { path: /^\/v1\/connections$/, methods: { GET: (of) => ok({ connections: of.connections() }) } },
  {
    path: /^\/v1\/reset$/,
    methods: {
      POST(of) {
        of.reset();
        return { status: NO_CONTENT };
      },
    },
  },
];

function ok(body: unknown): Answer {
  return { status: OK, body };
}

/** What a request asks for. */
export type Match =
  | { readonly found: 'action'; readonly act: (steering: Steering, body: string) => Answer }
  /** The path is right, and takes these methods only. */
  | { readonly found: 'path'; readonly methods: readonly string[] }
  | { readonly found: 'nothing' };

/** @param url path and query, as a request has it. */
export function matchRoute(method: string, url: string): Match {
  const [path = ''] = url.split('?');
  for (const route of ROUTES) {
    const parts = route.path.exec(path);
    if (parts === null) continue;
    const methods = new Map(Object.entries(route.methods));
    const action = methods.get(method);
    if (action === undefined) return { found: 'path', methods: [...methods.keys()] };
    const id = decoded(parts[1] ?? '');
    return { found: 'action', act: (steering, body) => action(steering, id, body) };
  }
  return { found: 'nothing' };
}

/** What is no percent-encoding names nothing that there is, and is left as it came. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** For people who look with a browser or curl at what there is. */
export const PATHS = [
  'GET /v1/kinds',
  'GET, POST /v1/faults',
  'GET, PUT, DELETE /v1/faults/{id}',
  'GET /v1/counters',
  'GET /v1/connections',
  'POST /v1/reset',
];
