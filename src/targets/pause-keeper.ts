/**
 * Sees to it that a paused process does not outlive this one.
 *
 * A backend ends when its channel to the conductor closes. One that is stopped (SIGSTOP) does not hear
 * that, and would stand there for ever if the conductor were killed. So as long as it is paused, a
 * shell waits on a pipe from the conductor; when the pipe closes, however that comes, it lets the
 * backend go on, which then ends as the others do.
 */
import { spawn } from 'node:child_process';

/** Ctrl-C and its like reach the shell as well, and must not end its watch. */
const WATCH = 'trap "" INT TERM HUP; read -r _; kill -CONT "$1"';

/** @returns calls the watch off. */
export function goesOnWithoutUs(pid: number): () => void {
  const shell = spawn('/bin/sh', ['-c', WATCH, 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell nothing is lost but this safeguard.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  return () => shell.kill('SIGKILL');
}
