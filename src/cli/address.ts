/** Addresses as options have them: `127.0.0.1:9000`, `[::1]:9000`, `localhost:9000`, or a port of loopback. */
import { UserError } from '../base/errors.js';

export interface Address {
  readonly host: string;
  /** From 0 to 65535. */
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';
const PORT_MAX = 65_535;
/** A host without colons, or one in brackets; then a port. */
const FORM = /^(?:(\[[0-9A-Fa-f:.%\w]+\]|[\w.-]+):)?(\d{1,5})$/;

/**
 * @param option its name, for messages.
 * @param portMin 1 for who is connected to; 0 lets the system choose one to listen on.
 * @throws UserError
 */
export function parseAddress(option: string, text: string, portMin: 0 | 1): Address {
  const [, host = LOOPBACK, digits = ''] = FORM.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > PORT_MAX || port < portMin) {
    throw new UserError({
      where: `${option} ${text}`,
      message: `expected host:port, the port from ${portMin} to ${PORT_MAX}`,
      hint: 'for example 127.0.0.1:50051',
    });
  }
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port };
}

/** As it is written. */
export function formatAddress({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
