/**
 * zod's issues in the words of grpc-squall: where, what was expected, what is there, what to do.
 */
import type { z } from 'zod';
import type { Mistake } from '../base/errors.js';
import { type UnknownKey, unknownKeysOf } from '../base/known-keys.js';
import { didYouMean } from '../base/nearest.js';
import { kindOf } from '../base/units.js';
import type { Layered } from './overlay.js';
import type { Path } from './source.js';

type Issue = z.core.$ZodIssue;

/** Every issue of a failed parse, one mistake each; an unknown key is reported at the key. */
export function mistakesOf(error: z.ZodError, source: Layered): Mistake[] {
  return error.issues.flatMap((issue) => mistakesOfIssue(issue, source));
}

function mistakesOfIssue(issue: Issue, source: Layered): Mistake[] {
  const unknown = unknownKeysOf(issue);
  if (unknown.length > 0) return unknown.map((key) => unknownKeyMistake(key, source));
  const { path } = issue;
  const name = path.length === 0 ? 'the scenario' : formatPath(path);
  const value = valueAt(source.data, path);
  const where = source.locate(path);
  switch (issue.code) {
    case 'invalid_type':
      return [
        value === undefined
          ? { where, message: `${name} is missing`, ...expectedHint(issue.expected) }
          : {
              where,
              message: `${name}: expected ${articled(issue.expected)}, got ${kindOf(value)}`,
            },
      ];
    case 'invalid_value': {
      const words = issue.values.map(String);
      const hint =
        typeof value === 'string' ? didYouMean(value, words) : `one of: ${words.join(', ')}`;
      const got =
        value === undefined ? `${name} is missing` : `${name}: ${kindOf(value)} is not valid`;
      return [{ where, message: got, hint }];
    }
    case 'too_small':
    case 'too_big': {
      const bound =
        issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
      const custom = issue.message.startsWith('Too ') ? undefined : issue.message;
      return [{ where, message: `${name}: ${custom ?? `must be ${bound}, got ${kindOf(value)}`}` }];
    }
    case 'invalid_key': {
      // zod says only that it is wrong; the schema of the keys says what they are.
      const wrong = issue.issues[0]?.message ?? issue.message;
      return [{ where: source.locate(path, true), message: `${name}: the key has to be ${wrong}` }];
    }
    case 'invalid_union': {
      // The branch that got furthest is the one that was meant.
      const branches = [...issue.errors].sort((a, b) => depthOf(b) - depthOf(a));
      const best = branches[0] ?? [];
      if (depthOf(best) === 0) {
        return [{ where, message: `${name}: ${kindOf(value)} does not fit here` }];
      }
      return best.flatMap((inner) =>
        mistakesOfIssue({ ...inner, path: [...path, ...inner.path] } as Issue, source),
      );
    }
    default: {
      const { params } = issue as { params?: { hint?: string; where?: string } };
      // In a file that the scenario names; where that is done is the hint.
      if (params?.where !== undefined) {
        return [{ where: params.where, message: issue.message, hint: `${name}, ${where}` }];
      }
      const hint = params?.hint;
      return [
        { where, message: `${name}: ${issue.message}`, ...(hint === undefined ? {} : { hint }) },
      ];
    }
  }
}

function unknownKeyMistake({ mapPath, key, known }: UnknownKey, source: Layered): Mistake {
  const inside = mapPath.length === 0 ? '' : ` in ${formatPath(mapPath)}`;
  return {
    where: source.locate([...mapPath, key], true),
    message: `unknown key "${key}"${inside}`,
    ...(known.length === 0 ? {} : { hint: didYouMean(key, known) }),
  };
}

function depthOf(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

/** Of what may be anything but absent there is nothing to say. */
function expectedHint(expected: string): { hint?: string } {
  return expected === 'nonoptional' ? {} : { hint: `expected ${articled(expected)}` };
}

function articled(expected: string): string {
  const words: Record<string, string> = {
    object: 'a map',
    record: 'a map',
    array: 'a list',
    int: 'a whole number',
    number: 'a number',
    string: 'text',
    boolean: 'true or false',
  };
  return words[expected] ?? expected;
}

/** `phases[1].faults[0].rpc-abort.share` */
export function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, step) =>
      typeof step === 'number'
        ? `${text}[${step}]`
        : text === ''
          ? String(step)
          : `${text}.${String(step)}`,
    '',
  );
}

/** The value at a path of plain data, or undefined where there is none. */
export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null
        ? (value as Record<PropertyKey, unknown>)[step]
        : undefined,
    data,
  );
}
