/**
 * Targets of others under a client that goes by their health: comes in what clients connect to, goes out
 * nothing, or a mistake for each target that has no health service.
 *
 * gRFC A17 takes such a server for healthy, and so does `health-aware`: it would then be its child policy
 * under another name, and a comparison with it one of a thing with itself. Ours all have the service;
 * of others only asking them tells.
 */
import { Client, type StatusObject } from '@grpc/grpc-js';
import { type Mistake, UserError } from '../base/errors.js';
import { statusCode } from '../base/status.js';
import { targetOf } from '../drivers/grpc-js/fixed-resolver.js';
import { credentialsOf, tlsOptions } from '../drivers/grpc-js/grpc-js-driver.js';
import { encodeHealthRequest, WATCH_PATH } from '../drivers/grpc-js/health-messages.js';
import { watchesHealth } from '../drivers/read-policy.js';
import type { ClientTls } from '../drivers/spec.js';
import type { Endpoint } from '../proxy/variant-proxy.js';
import type { VariantPlan } from '../scenarios/plan.js';

const UNIMPLEMENTED = statusCode('UNIMPLEMENTED');

/** Who has not said anything by then is not refused for it: connecting will tell what is wrong. */
const ANSWER_MS_MAX = 5_000;

const asIs = (bytes: Buffer) => bytes;

/** @throws UserError that names all targets without a health service. */
export async function requireHealth(
  { backends, client }: Pick<VariantPlan, 'backends' | 'client'>,
  endpoints: readonly Endpoint[],
  tls: ClientTls | undefined,
): Promise<void> {
  const isOfOthers = backends.some(({ external }) => external !== undefined);
  if (!isOfOthers || !watchesHealth(client.serviceConfig)) return;
  const lacking = await Promise.all(
    endpoints.map(async (endpoint) => ((await lacksHealth(endpoint, tls)) ? [endpoint] : [])),
  );
  const mistakes = lacking.flat().map(({ name, address }): Mistake => {
    const who = name === address ? name : `${name} (${address})`;
    return {
      where: 'client.balancer',
      message: `health-aware on ${who}, which has no health service: it would take it for healthy`,
      hint: 'serve grpc.health.v1.Health there, or use its child policy alone',
    };
  });
  if (mistakes.length > 0) throw new UserError(mistakes);
}

/** Asks as `health-aware` does: a Watch of the whole server. */
function lacksHealth({ address }: Endpoint, tls: ClientTls | undefined): Promise<boolean> {
  const client = new Client(targetOf([address]), credentialsOf(tls), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_channelz': 0,
    'grpc.enable_http_proxy': 0,
    ...tlsOptions(tls),
  });
  return new Promise((resolve) => {
    const call = client.makeServerStreamRequest(WATCH_PATH, asIs, asIs, encodeHealthRequest(''), {
      deadline: Date.now() + ANSWER_MS_MAX,
    });
    const end = (isLacking: boolean) => {
      call.cancel();
      client.close();
      resolve(isLacking);
    };
    call.on('data', () => end(false));
    call.on('error', () => {});
    call.on('status', ({ code }: StatusObject) => end(code === UNIMPLEMENTED));
  });
}
