/**
 * Out-of-band load reports (gRFC A51, xds.service.orca.v3.OpenRcaService): who asks is sent what the
 * backend did since the report before, at the interval that it asked for.
 *
 * At the end of a drain's patience streams that stay open would hold the connection: grpc-js keeps its
 * own open even when it was told to go. So they are ended when the drain begins, with a status that
 * lets clients ask again of whoever comes up next.
 */
import {
  type ServerWritableStream,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { NS_PER_MS, NS_PER_SECOND } from '../base/clock.js';
import { type LoadReport, type LoadTotals, loadReport } from './load-report.js';

/** Asked for less, it reports at this interval. */
const INTERVAL_NS_MIN = 10 * NS_PER_MS;
/** Of those who name none (gRFC A51). */
const INTERVAL_NS_DEFAULT = 30 * NS_PER_SECOND;
/** Longer than it a timer of Node's would fire at once. */
const INTERVAL_MS_MAX = 2 ** 31 - 1;

interface Request {
  readonly report_interval?: { readonly seconds?: number; readonly nanos?: number } | null;
}

type Stream = ServerWritableStream<Request, LoadReport>;

export interface LoadReports {
  readonly implementation: UntypedServiceImplementation;
  /** Ends all streams; those that begin later are ended at once. */
  end(): void;
}

/** @param totals what was counted up to now. */
export function createLoadReports(totals: () => LoadTotals): LoadReports {
  const open = new Set<Stream>();
  let isOver = false;
  const refuse = (stream: Stream) =>
    // An error is how a handler of grpc-js ends a stream with a status.
    void stream.emit('error', { code: status.UNAVAILABLE, details: 'the backend is going away' });
  return {
    implementation: {
      StreamCoreMetrics(stream: Stream) {
        let last = totals();
        const timer = setInterval(() => {
          const now = totals();
          // Two looks within one tick of the clock have nothing between them.
          if (now.atNs <= last.atNs) return;
          stream.write(loadReport(last, now));
          last = now;
        }, intervalMs(stream.request));
        timer.unref();
        const forget = () => {
          clearInterval(timer);
          open.delete(stream);
        };
        open.add(stream);
        stream.on('cancelled', forget);
        stream.on('error', forget);
        if (isOver) refuse(stream);
      },
    },
    end() {
      isOver = true;
      for (const stream of [...open]) refuse(stream);
    },
  };
}

function intervalMs({ report_interval: asked }: Request): number {
  const { seconds = 0, nanos = 0 } = asked ?? {};
  const askedNs = seconds * NS_PER_SECOND + nanos;
  const ns = asked ? Math.max(askedNs, INTERVAL_NS_MIN) : INTERVAL_NS_DEFAULT;
  return Math.min(ns / NS_PER_MS, INTERVAL_MS_MAX);
}
