/** Why the wire driver is left out of a truth: it is for load on servers, not for the study of a client. */

export const WHY_NO_RETRIES =
  'the wire driver sends each call once: retries are a client policy, and it is for load on servers';

export const WHY_NO_BALANCER = 'the wire driver has no balancer: it takes backends in turn';
