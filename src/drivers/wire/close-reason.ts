/**
 * Why a connection ended or never came to be, in a sentence for whoever runs the load: calls carry a
 * status code only, and "UNAVAILABLE" does not say that the port belongs to a web server.
 */
import { messageOf } from '../../base/errors.js';
import { ConnectionError, errorCodeName, NO_ERROR } from '../../http2/error-code.js';

/** What is known of a connection at its end. */
export interface ConnectionEnd {
  /** Of the socket, or what the peer did wrong. */
  readonly error: Error | undefined;
  /** The socket was connected. */
  readonly wasOpen: boolean;
  /** The peer's SETTINGS came. */
  readonly wasReady: boolean;
  readonly goaway: { readonly code: number; readonly debug: string } | undefined;
  /** It took longer than this to become ready, and we gave up. */
  readonly gaveUpMs: number | undefined;
  /** It left a keepalive ping without an answer for so long, and we gave up. */
  readonly silentMs: number | undefined;
}

/** Text of a server that is repeated, at most. */
const DEBUG_CHARACTERS_MAX = 100;

/** @returns a clause that goes after an address and a colon. */
export function closeReason(end: ConnectionEnd): string {
  const { error, wasOpen, wasReady, goaway, gaveUpMs, silentMs } = end;
  if (gaveUpMs !== undefined) {
    const limit = `within ${gaveUpMs / 1e3} s`;
    return wasOpen
      ? `the peer accepts, and sends no SETTINGS ${limit}: it may not be an HTTP/2 server`
      : `the peer does not answer ${limit}`;
  }
  if (silentMs !== undefined) {
    return `the peer did not answer a keepalive ping within ${silentMs / 1e3} s`;
  }
  const tls = tlsReason(error);
  if (tls !== undefined) return tls;
  if (error instanceof ConnectionError) {
    return wasReady
      ? `the peer broke HTTP/2: ${error.message}`
      : `the peer is not an HTTP/2 server: ${error.message}`;
  }
  if (goaway !== undefined && goaway.code !== NO_ERROR) {
    const { code, debug } = goaway;
    // Quoted as JSON, so that no control character of the server's gets anywhere.
    const said = debug === '' ? '' : ` ${JSON.stringify(debug.slice(0, DEBUG_CHARACTERS_MAX))}`;
    return `the peer sent GOAWAY ${errorCodeName(code)}${said}`;
  }
  if (error !== undefined) return messageOf(error);
  return wasReady
    ? 'the peer closed the connection'
    : 'the peer closed the connection before it sent SETTINGS: it may not be an HTTP/2 server';
}

/** What OpenSSL says in codes, where it is one of the usual mistakes. */
export function tlsReason(error: Error | undefined): string | undefined {
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL':
    case 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCO':
      return 'the peer does not speak HTTP/2: ALPN did not agree on h2';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'the peer does not speak TLS';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return "the peer's certificate is not trusted";
    // The last is what TLS 1.2 says.
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
    case 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE':
      return 'the peer asks for a certificate of ours, and we have none that it takes';
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN':
      return 'the peer does not take our certificate';
    default:
      return undefined;
  }
}
