/** A real grpc-js client of server reflection, which makes of the answers what grpcurl would. */
import { Client, credentials, type MethodDefinition } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, type PackageDefinition } from '@grpc/proto-loader';
import { serviceOf } from '../../src/targets/protos.js';
import { loadReflectionProto } from '../../src/targets/reflection.js';

interface Answer {
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] };
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Buffer[] };
  readonly error_response?: { readonly error_code: number; readonly error_message: string };
}

export interface ReflectionClient extends Disposable {
  /** Names of all services, sorted. */
  services(): Promise<readonly string[]>;
  /**
   * What the files that hold a name define, with all that these need: a definition that lacks a type
   * cannot be made.
   */
  definitionOf(symbol: string): Promise<PackageDefinition>;
  definitionOfFile(name: string): Promise<PackageDefinition>;
}

export function openReflection(address: string, version: 'v1' | 'v1alpha'): ReflectionClient {
  const name = `grpc.reflection.${version}.ServerReflection`;
  const method = serviceOf(loadReflectionProto(version), name)['ServerReflectionInfo'] as
    | MethodDefinition<object, Answer>
    | undefined;
  if (method === undefined) throw new Error(`${name} has no method`);
  const client = new Client(address, credentials.createInsecure());
  const ask = (request: object) =>
    new Promise<Answer>((resolve, reject) => {
      const stream = client.makeBidiStreamRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
      );
      stream.on('data', (answer: Answer) => {
        const { error_response: error } = answer;
        if (error === undefined || error === null) resolve(answer);
        else reject(new Error(`${error.error_code}: ${error.error_message}`));
        stream.end();
      });
      stream.on('error', reject);
      stream.write({ host: '', ...request });
    });
  const define = async (request: object) => {
    const answer = await ask(request);
    const files = answer.file_descriptor_response?.file_descriptor_proto ?? [];
    return loadFileDescriptorSetFromBuffer(Buffer.concat(files.flatMap(asFileOfSet)));
  };
  return {
    [Symbol.dispose]: () => client.close(),
    async services() {
      const { list_services_response: list } = await ask({ list_services: '*' });
      return (list?.service ?? []).map((service) => service.name).toSorted();
    },
    definitionOf: (symbol) => define({ file_containing_symbol: symbol }),
    definitionOfFile: (file) => define({ file_by_filename: file }),
  };
}

/** A FileDescriptorProto as it stands in a FileDescriptorSet: field 1, its length, itself. */
function asFileOfSet(file: Buffer): Buffer[] {
  const length: number[] = [];
  let left = file.length;
  for (; left >= 0x80; left >>>= 7) length.push((left & 0x7f) | 0x80);
  return [Buffer.of(0x0a, ...length, left), file];
}
