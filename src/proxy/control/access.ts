/**
 * Who may steer a proxy.
 *
 * On loopback without a token: any process of this machine. But a browser of this machine runs the code
 * of any page that is open in it, and that code can send requests to loopback. Two things give it away.
 * A page of another origin says so in `Origin` or `Sec-Fetch-Site`. A page that had its own name resolve to
 * 127.0.0.1 (DNS rebinding) is of the same origin to the browser, and says its name in `Host`, where only
 * names of loopback are taken. gRPC needs none of this: browsers do not speak HTTP/2 without TLS.
 *
 * On any other address a token is needed, and with one it is the token that decides.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const SCHEME = 'Bearer ';

/** Checks what came in `authorization`, in a time that does not tell how much of it is right. */
export type TokenCheck = (authorization: string | undefined) => boolean;

/** @param token absent: everybody passes. */
export function tokenCheck(token: string | undefined): TokenCheck {
  if (token === undefined) return () => true;
  // Digests are of one length, whatever was sent.
  const expected = digest(token);
  return (authorization = '') =>
    authorization.startsWith(SCHEME) &&
    timingSafeEqual(digest(authorization.slice(SCHEME.length)), expected);
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Whether a host to listen on is reached from this machine only. A name that may resolve anyhow is not. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/**
 * Why a request may come from a page of a browser that is none of the user's doing; undefined when it
 * does not look like one.
 * @param checksHost whether `Host` must name loopback.
 */
export function foreignness(headers: IncomingHttpHeaders, checksHost: boolean): string | undefined {
  const { host = '', origin } = headers;
  const site = headers['sec-fetch-site'];
  if (checksHost && !isLoopback(hostnameOf(host))) {
    return 'the Host of the request is not loopback';
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return 'the request comes from a page of another origin';
  }
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return 'the request comes from a page of another site';
  }
  return undefined;
}

/** Without its port, and without the brackets of IPv6. */
function hostnameOf(host: string): string {
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(host) ?? [];
  return name.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}
