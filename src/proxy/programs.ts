/** The proxies of others: how each is called, and whether it is on this machine. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { haproxyConfig } from './haproxy-config.js';
import { nginxConfig } from './nginx-config.js';
import type { ProgramPlace } from './program-place.js';
import type { ProxyProgram } from './spec.js';

interface Program {
  readonly config: (place: ProgramPlace) => string;
  /** Its arguments, with the path of its configuration. */
  readonly args: (configPath: string, folder: string) => string[];
}

export const PROGRAMS: Readonly<Record<ProxyProgram, Program>> = {
  nginx: { config: nginxConfig, args: (path, folder) => ['-p', folder, '-c', path] },
  haproxy: { config: haproxyConfig, args: (path) => ['-db', '-q', '-f', path] },
};

/** Where such programs are when they are not on a user's path. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

const foldersHere = () => [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS];

/** The path of a program; undefined when it is not installed. */
export function pathOfProgram(
  program: ProxyProgram,
  folders: readonly string[] = foldersHere(),
): string | undefined {
  return folders.map((folder) => join(folder || '.', program)).find((path) => isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
