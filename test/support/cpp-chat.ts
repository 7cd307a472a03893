/** The C++ chat of test/cpp, built where gRPC for C++ is installed (Debian: libgrpc++-dev). */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ForeignServer } from './foreign-servers.js';

/** This file runs from dist/test/support/. */
const root = fileURLToPath(new URL('../../../', import.meta.url));

const succeeds = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const pluginPath = () => execFileSync('which', ['grpc_cpp_plugin'], { encoding: 'utf8' }).trim();

/** What is missing to build it; undefined: nothing. */
export function missingForCpp(): string | undefined {
  const present =
    succeeds('g++', '--version') &&
    succeeds('protoc', '--version') &&
    succeeds('which', 'grpc_cpp_plugin') &&
    succeeds('pkg-config', '--exists', 'grpc++', 'protobuf');
  return present ? undefined : 'g++, libgrpc++-dev, libprotobuf-dev and protobuf-compiler-grpc';
}

export interface CppChat extends Disposable {
  /** The program. */
  readonly file: string;
}

/** Builds it, which takes some ten seconds. @throws with what the compiler said. */
export function buildCppChat(): CppChat {
  const folder = mkdtempSync(join(tmpdir(), 'squall-cpp-'));
  const dispose = () => rmSync(folder, { recursive: true, force: true });
  try {
    const run = (command: string, ...args: string[]) =>
      execFileSync(command, args, { cwd: folder, encoding: 'utf8' });
    run(
      'protoc',
      ...['-I', join(root, 'proto'), '--cpp_out=.', '--grpc_out=.'],
      ...[`--plugin=protoc-gen-grpc=${pluginPath()}`, 'chat.proto'],
    );
    const libraries = run('pkg-config', '--libs', 'grpc++', 'protobuf').trim().split(/\s+/);
    const sources = [join(root, 'test', 'cpp', 'chat.cc'), 'chat.pb.cc', 'chat.grpc.pb.cc'];
    run('g++', '-std=c++17', '-O0', '-I.', ...sources, '-o', 'chat', ...libraries);
  } catch (error) {
    dispose();
    throw error;
  }
  return { file: join(folder, 'chat'), [Symbol.dispose]: dispose };
}

/** Its server. */
export async function startCppServer({ file }: CppChat): Promise<ForeignServer> {
  const child = spawn(file, ['serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    address: `127.0.0.1:${Number(port.toString())}`,
    kill: (signal) => child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** Its client: two members that talk. @returns what it heard, a line a message. */
export async function talkInCpp(
  { file }: CppChat,
  address: string,
  room: string,
  count: number,
): Promise<{ readonly lines: readonly string[]; readonly exitCode: number | null }> {
  const child = spawn(file, ['talk', address, room, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (piece: Buffer) => {
    text += piece.toString('utf8');
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { lines: text.trimEnd().split('\n'), exitCode };
}
