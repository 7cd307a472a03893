/** Numbered servers with the health service of our targets, whose answers a test may change. */
import type { Server } from '@grpc/grpc-js';
import { createHealthBoard, type HealthBoard } from '../../src/targets/health-board.js';
import { createHealthService } from '../../src/targets/health-service.js';
import { createHealthWatches, type HealthWatches } from '../../src/targets/health-watches.js';
import { HEALTH_SERVICE, loadProtos, serviceOf } from '../../src/targets/protos.js';
import { type NumberedServers, startServers } from './numbered-servers.js';

export interface Watched extends Disposable {
  readonly servers: NumberedServers;
  readonly boards: Readonly<Record<string, HealthBoard>>;
  readonly watches: Readonly<Record<string, HealthWatches>>;
  /** Watches that began, of all servers. */
  begun(): number;
}

export async function watchedServers(count = 3): Promise<Watched> {
  const boards: Record<string, HealthBoard> = {};
  const watches: Record<string, HealthWatches> = {};
  let begun = 0;
  const definition = serviceOf(loadProtos(), HEALTH_SERVICE);
  const servers = await startServers(count, (server: Server, name) => {
    const board = createHealthBoard(['', 'test.Numbered'], () => {});
    const watch = createHealthWatches(board);
    boards[name] = board;
    watches[name] = watch;
    const counter = { checked() {}, watched: () => void begun++ };
    server.addService(definition, createHealthService({ board, watches: watch }, counter));
  });
  return {
    servers,
    boards,
    watches,
    begun: () => begun,
    [Symbol.dispose]: () => servers[Symbol.dispose](),
  };
}
