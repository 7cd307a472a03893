/**
 * What a health check is: something a server looks at about itself, all the time, and that has a say
 * in what its health service answers.
 *
 * A check says what it finds, NOT_SERVING or SERVING, with the reason; the board makes a status of
 * it, beside other checks and below faults (`health-board.ts`).
 */
import { z } from 'zod';
import type { CatalogueEntry } from '../../base/catalogue.js';
import type { NowNs } from '../../base/clock.js';
import type { ServingStatus } from '../../base/serving-status.js';
import type { CheckFinding } from '../health-board.js';
import { HEALTH_NAMES } from '../health-names.js';

/** The server as a check sees it. */
export interface CheckedServer {
  readonly now: NowNs;
  /** Fires once at a time of `now` or later, never before; returns a cancel. */
  callAt(dueNs: number, fire: () => void): () => void;
  /** Requests that wait for a slot. */
  waiting(): number;
  /**
   * Watches the health of another backend; UNKNOWN is not told before the first answer, and then
   * says that the backend is lost.
   * @returns a stop.
   */
  watch(backend: string, service: string, heard: (status: ServingStatus) => void): () => void;
  /** To be told what was found; again and again the same is fine. */
  find(finding: CheckFinding, why: string): void;
}

export interface HealthCheckKind<Options> extends CatalogueEntry {
  readonly schema: z.ZodType<Options & HealthCheckEnvelope>;
  /** What it finds before it has looked. */
  readonly initial: CheckFinding;
  /** Begins to look; the function that it returns ends that. */
  start(options: Options, server: CheckedServer): () => void;
}

// biome-ignore lint/suspicious/noExplicitAny: options are checked by each kind's own schema.
export type AnyHealthCheckKind = HealthCheckKind<any>;

/** Helper that keeps an entry's option types inferred. */
export const defineHealthCheck = <Options>(kind: HealthCheckKind<Options>) => kind;

/** Whose check it is and what it has a say in. Every check's schema includes these keys. */
export const healthCheckEnvelope = {
  /** Names of the backends that run it; all when absent. */
  backends: z.array(z.string()).min(1).optional(),
  /** What it has a say in: "" is the whole server; a service stands for its methods too. */
  services: z.array(z.enum(HEALTH_NAMES)).min(1).optional(),
};

export type HealthCheckEnvelope = z.output<z.ZodObject<typeof healthCheckEnvelope>>;

/** A check of one backend, as it stands in a plan. */
export interface HealthCheckPlan {
  readonly kind: string;
  /** All names when absent. */
  readonly services?: readonly string[];
  /** The kind's own options, parsed. */
  readonly options: unknown;
}
