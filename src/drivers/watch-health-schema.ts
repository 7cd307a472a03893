/** `client.watchHealth`: whose health is watched beside the calls. */
import { z } from 'zod';

/** `true` is the whole server; a name, or a list of them, is that service or `service/method`. */
export const watchHealthSchema = z
  .union([z.boolean(), z.string(), z.array(z.string()).min(1)])
  .transform((wanted) => {
    if (wanted === false) return undefined;
    if (wanted === true) return [''];
    return typeof wanted === 'string' ? [wanted] : [...new Set(wanted)];
  })
  .optional();
