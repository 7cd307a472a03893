/** `--interceptors MODULE`: interceptors of the user's own, for commands that read scenarios. */
export const interceptorsOption = {
  type: 'string',
  array: true,
  // One each time, so that what follows may be the scenario.
  nargs: 1,
  default: [] as string[],
  describe: 'A module that exports interceptors of your own; repeatable',
} as const;
