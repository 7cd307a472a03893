/**
 * Sees to it that a program does not outlive this process.
 *
 * What ends in an orderly way ends its program itself. One that is killed cannot; so a shell waits on a
 * pipe from it, and when the pipe closes, however that comes, it kills the program and removes its folder.
 */
import { spawn } from 'node:child_process';

/** Ctrl-C and its like reach the shell as well, and must not end its watch. */
const WATCH = 'trap "" INT TERM HUP; read -r _; kill -KILL "$1"; rm -rf "$2"';

/**
 * @param folder goes with it.
 * @returns calls the watch off.
 */
export function endsWithUs(pid: number, folder: string): () => void {
  const shell = spawn('/bin/sh', ['-c', WATCH, 'sh', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell nothing is lost but this safeguard.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  return () => shell.kill('SIGKILL');
}
