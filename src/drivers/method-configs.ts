/**
 * The method configs of a service config (gRFC A2), for whoever wants to know what a client does with its
 * calls. The config may be one that nobody has checked.
 */

/** What is asked of one. */
export interface MethodConfig {
  readonly name?: readonly { readonly service?: string; readonly method?: string }[];
  readonly waitForReady?: boolean;
  readonly retryPolicy?: { readonly maxAttempts: number };
  readonly hedgingPolicy?: { readonly maxAttempts: number };
}

export function methodConfigsOf(
  serviceConfig: Readonly<Record<string, unknown>>,
): readonly MethodConfig[] {
  const { methodConfig } = serviceConfig;
  if (!Array.isArray(methodConfig)) return [];
  return methodConfig.filter((one) => typeof one === 'object' && one !== null);
}
