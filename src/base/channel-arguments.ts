/** Channel arguments of grpc-js, as they are written: by their names, which gRPC's other libraries know, too. */
import { z } from 'zod';

const NAME = /^grpc[\w.-]*\./;

export const channelArguments = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .superRefine((given, context) => {
    for (const name of Object.keys(given)) {
      if (NAME.test(name)) continue;
      const message = `a channel argument begins with "grpc." or "grpc-node.", got "${name}"`;
      context.addIssue({ code: 'custom', path: [name], message });
    }
  });
