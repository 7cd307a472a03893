/** Options that are whole numbers. */
import { UserError } from '../base/errors.js';

/** @throws UserError when an option was given and is no whole number from `min` to `max`. */
export function wholeNumber(
  option: string,
  value: number | undefined,
  min: number,
  max: number,
): void {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return;
  throw new UserError({
    where: option,
    message: `expected a whole number from ${min} to ${max}, got ${value}`,
  });
}
