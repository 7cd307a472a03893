/**
 * Where unix sockets of one fleet are: a folder that only this user can enter, which goes with the
 * fleet. The conductor removes it when the fleet stops and, whatever happens, when its process exits;
 * of a conductor that is killed the backends' processes end, and the last of them removes it.
 */
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface SocketFolder {
  readonly path: string;
  /** The socket's path of a backend, by its number. */
  pathOf(index: number): string;
  /** Idempotent. */
  remove(): void;
}

/** Makes it below the system's folder for temporary files. */
export function createSocketFolder(): SocketFolder {
  // mkdtemp makes folders with mode 0700.
  const path = mkdtempSync(join(tmpdir(), 'squall-'));
  const remove = () => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.once('exit', remove);
  return {
    path,
    // Short, whatever the backend's name: a socket's path has little more than 100 characters.
    pathOf: (index) => join(path, `${index}.sock`),
    remove,
  };
}

/** Removes a backend's socket, and its folder when this was the last one in it. */
export function removeSocket(path: string): void {
  rmSync(path, { force: true });
  try {
    rmdirSync(dirname(path));
  } catch {
    // Another backend's is in it still, or it is gone already.
  }
}

/**
 * Makes place for the socket of a backend that comes back: the file of one that was killed is in the
 * way, and of one that ended as the last the folder is gone.
 */
export function clearSocket(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
}
