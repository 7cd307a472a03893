/**
 * `latency.hlog`: every interval's histograms in HdrHistogram's log format 1.3, which its own tools
 * read (HistogramLogProcessor, HistogramLogAnalyzer).
 *
 * One line per interval, variant, load and metric, the workers' histograms added up. Its tag is
 * `variant/load/latency` or `variant/load/serviceTime`. Values are nanoseconds; the column
 * Interval_Max is in milliseconds. Times count seconds from the beginning of the first variant,
 * whose Unix time the StartTime and BaseTime comments give; `serviceTime` lines and `latency` lines
 * of one interval stand side by side, so the tools want to be told which tag to read.
 *
 * An interval is written when lines of the next but one come, because workers report an interval a
 * little after its end. A line that comes later still is written on its own: the format has no rule
 * against two lines for one interval, and whoever adds them up has the right sum.
 */
import { HistogramLogWriter } from 'hdr-histogram-js';
import { type MergedDurations, mergedDurations, readMerged } from '../metrics/merged-durations.js';
import type { LoadLine, RecordLine } from '../metrics/record.js';

const NS_PER_SECOND = 1e9;
/** From the histogram's ns to the ms of Interval_Max. */
const MAX_VALUE_RATIO = 1e6;
/** Intervals that may still get lines from slower workers. */
const OPEN_INTERVALS = 2;

export interface IntervalLog {
  add(line: RecordLine): void;
  /** Writes the intervals that are still open. */
  close(): void;
}

/** Histograms by tag. */
type Interval = Map<string, MergedDurations>;

/**
 * @param intervalNs of the plan.
 * @param write takes pieces of text, in the file's order.
 */
export function createIntervalLog(intervalNs: number, write: (text: string) => void): IntervalLog {
  const writer = new HistogramLogWriter(write);
  const open = new Map<number, Interval>();
  let baseUnixMs: number | undefined;
  let zeroSeconds = 0;

  const writeIntervals = (before: number) => {
    const due = [...open.keys()].filter((index) => index < before).sort((a, b) => a - b);
    for (const index of due) {
      writeInterval(writer, open.get(index) ?? new Map(), zeroSeconds, index, intervalNs);
      open.delete(index);
    }
  };
  return {
    add(line) {
      if (line.type === 'variant') {
        writeIntervals(Number.POSITIVE_INFINITY);
        if (baseUnixMs === undefined) {
          baseUnixMs = line.zeroUnixMs;
          writeHead(write, writer, baseUnixMs);
        }
        zeroSeconds = (line.zeroUnixMs - baseUnixMs) / 1e3;
      }
      if (line.type !== 'load') return;
      const index = Math.floor((line.fromNs + line.toNs) / 2 / intervalNs);
      addCells(open, index, line);
      writeIntervals(Math.max(...open.keys()) - OPEN_INTERVALS + 1);
    },
    close: () => writeIntervals(Number.POSITIVE_INFINITY),
  };
}

/** The library's own start line has an empty line after it, and it has none for the base time. */
function writeHead(write: (text: string) => void, writer: HistogramLogWriter, baseUnixMs: number) {
  const seconds = (baseUnixMs / 1e3).toFixed(3);
  const iso = new Date(baseUnixMs).toISOString();
  writer.outputComment('[Logged by grpc-squall; values in ns, Interval_Max in ms]');
  writer.outputLogFormatVersion();
  write(`#[StartTime: ${seconds} (seconds since epoch), ${iso}]\n`);
  write(`#[BaseTime: ${seconds} (seconds since epoch)]\n`);
  writer.outputLegend();
}

function addCells(open: Map<number, Interval>, index: number, line: LoadLine): void {
  const interval = open.get(index) ?? new Map<string, MergedDurations>();
  open.set(index, interval);
  for (const { load, latency, serviceTime } of line.calls) {
    for (const [metric, encoded] of Object.entries({ latency, serviceTime })) {
      if (encoded === undefined) continue;
      const tag = [line.variant, load, metric].map(tagPart).join('/');
      const sum = interval.get(tag) ?? mergedDurations();
      interval.set(tag, sum);
      sum.add(encoded);
    }
  }
}

/** Commas and spaces end a tag in the format. */
function tagPart(name: string): string {
  return name.replace(/[\s,/]+/g, '_');
}

function writeInterval(
  writer: HistogramLogWriter,
  interval: Interval,
  zeroSeconds: number,
  index: number,
  intervalNs: number,
): void {
  const from = zeroSeconds + (index * intervalNs) / NS_PER_SECOND;
  const to = zeroSeconds + ((index + 1) * intervalNs) / NS_PER_SECOND;
  for (const [tag, durations] of [...interval].sort(([a], [b]) => (a < b ? -1 : 1))) {
    readMerged([durations.encoded()], ({ count, raw }) => {
      if (count === 0) return;
      raw.tag = tag;
      writer.outputIntervalHistogram(raw, from, to, MAX_VALUE_RATIO);
    });
  }
}
