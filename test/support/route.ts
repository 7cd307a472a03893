/** Where the clients of tests connect to: to the server itself, or to what a suite puts before it. */

/** Gives the address through which a port of this machine is reached; always the same for a port. */
type Route = (port: number) => Promise<string>;

let route: Route = (port) => Promise.resolve(`127.0.0.1:${port}`);

export const routeTo: Route = (port) => route(port);

/** All servers that start from now on in this process are reached so. */
export function putInBetween(between: Route): void {
  route = between;
}
