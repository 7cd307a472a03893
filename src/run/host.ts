/** The machine a run was made on. */
import { createRequire } from 'node:module';
import { cpus, type as osType, release } from 'node:os';
import type { Host } from '../metrics/record.js';

/** Of the client under test, as it is installed. */
function grpcJsVersion(): string {
  const { version } = createRequire(import.meta.url)('@grpc/grpc-js/package.json') as {
    version: string;
  };
  return version;
}

export function describeHost(): Host {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    node: process.versions.node,
    os: `${osType()} ${release()}`,
    grpcJs: grpcJsVersion(),
  };
}
