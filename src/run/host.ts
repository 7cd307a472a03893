/** The machine a run was made on. */
import { cpus, type as osType, release } from 'node:os';
import type { Host } from '../metrics/record.js';

export function describeHost(): Host {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    node: process.versions.node,
    os: `${osType()} ${release()}`,
  };
}
