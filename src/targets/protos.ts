/**
 * The contracts in proto/, loaded: service definitions to serve, and packages to reflect on.
 *
 * Chat messages are passed on as the bytes they came in: nothing on the server looks into them, and
 * decoding and encoding each would cost more than handing it on.
 */
import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';

/** This file runs from dist/src/targets/; proto/ lies beside dist/. */
const PROTO_FOLDER = new URL('../../../proto/', import.meta.url);

export const CHAT_SERVICE = 'chat.ChatService';
export const HEALTH_SERVICE = 'grpc.health.v1.Health';
export const LOAD_REPORT_SERVICE = 'xds.service.orca.v3.OpenRcaService';

/** All contracts in one package definition, as reflection takes it. */
export function loadProtos(): PackageDefinition {
  const files = ['chat.proto', 'health.proto', 'orca.proto'].map((name) =>
    fileURLToPath(new URL(name, PROTO_FOLDER)),
  );
  return loadSync(files, { keepCase: true, longs: Number, enums: String, defaults: true });
}

/** The definition of a service by its full name. */
export function serviceOf(protos: PackageDefinition, name: string): ServiceDefinition {
  const definition = protos[name];
  if (definition === undefined || 'format' in definition) {
    throw new Error(`proto/ has no service ${name}`);
  }
  return definition as ServiceDefinition;
}

const asItIs = (bytes: Buffer) => bytes;

/** Chat's definition with every ChatMessage left as bytes, and all other messages as objects. */
export function rawChatService(protos: PackageDefinition): ServiceDefinition {
  const { Chat, Say, SayAll, Listen } = serviceOf(protos, CHAT_SERVICE);
  if (!Chat || !Say || !SayAll || !Listen) throw new Error(`${CHAT_SERVICE} lacks a method`);
  return {
    Chat: { ...Chat, requestDeserialize: asItIs, responseSerialize: asItIs },
    Say: { ...Say, requestDeserialize: asItIs },
    SayAll: { ...SayAll, requestDeserialize: asItIs },
    Listen: { ...Listen, responseSerialize: asItIs },
  };
}
