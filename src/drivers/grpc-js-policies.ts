/**
 * The policies of grpc-js itself, for `squall list`: their options are gRPC's own, taken verbatim and
 * held to what grpc-js reads by `load-balancing-config.ts`.
 */
import { z } from 'zod';
import type { Catalogue, CatalogueEntry } from '../base/catalogue.js';

const policy = (kind: string, summary: string): CatalogueEntry => ({
  kind,
  summary,
  schema: z.record(z.string(), z.unknown()),
});

export const grpcJsPolicies: Catalogue = {
  pick_first: policy('pick_first', 'The first address that takes a connection, for everything.'),
  round_robin: policy('round_robin', 'All ready endpoints in turn.'),
  weighted_round_robin: policy(
    'weighted_round_robin',
    'In turn, by the load that backends report (gRFC A58, out-of-band reports).',
  ),
  outlier_detection: policy(
    'outlier_detection',
    'Ejects endpoints that fail more than others for a while, around a child_policy (gRFC A50).',
  ),
  ring_hash: policy(
    'ring_hash',
    'Calls of one key to one endpoint (gRFC A42); needs @grpc/grpc-js-xds to be installed.',
  ),
};
