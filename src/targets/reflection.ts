/**
 * Reflection (the gRPC documentation, doc/server-reflection.md) of all that a backend serves, itself
 * among it, as tools expect to find it listed: v1 and v1alpha.
 */
import { createRequire } from 'node:module';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';

/** Its contracts are those that @grpc/reflection serves by. */
const fileOf = (version: string) =>
  createRequire(import.meta.url).resolve(
    `@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`,
  );

export const REFLECTION_VERSIONS = ['v1', 'v1alpha'] as const;

/** The contract of one version; its files are called alike, so each is loaded by itself. */
export function loadReflectionProto(
  version: (typeof REFLECTION_VERSIONS)[number],
): PackageDefinition {
  return loadSync(fileOf(version), { keepCase: true, longs: Number, enums: String, oneofs: true });
}

export function createReflection(protos: PackageDefinition): ReflectionService {
  const own = REFLECTION_VERSIONS.map(loadReflectionProto);
  return new ReflectionService(Object.assign({}, protos, ...own));
}
