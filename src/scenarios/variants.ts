/**
 * From a file's data to one layered map per variant: the base, `quick:`, what the variant says (over
 * what it extends) with what `quick:` says of it, and last `--set`, which has the last word.
 * `--set variants.NAME.…` has it in one variant only.
 */
import type { Mistake } from '../base/errors.js';
import { didYouMean } from '../base/nearest.js';
import { SHOWS_KEY } from '../checks/check.js';
import { isPlainMap, type Layered, layer, type Origin, overlay } from './overlay.js';
import { ABOUT_KEY, EXTENDS_KEY, SCENARIO_KEYS } from './scenario-schema.js';
import type { Path } from './source.js';

/** Name of the only variant of a scenario that has none. */
export const SINGLE_VARIANT = 'default';

export interface NamedLayers {
  readonly name: string;
  readonly layered: Layered;
}

/** What `--set path=value` says; the path's words are as in the file: `client.deadline`. */
export interface Setting {
  readonly path: Path;
  readonly value: unknown;
  /** The option as given, for messages. */
  readonly option: string;
}

/** Maps laid over the scenario, by the variant's name. */
type Overlays = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface VariantOptions {
  /** Whether `quick:` is laid over the base. */
  readonly quick: boolean;
  readonly settings: readonly Setting[];
}

/**
 * The variants in the order of the file.
 * @returns mistakes instead when the overlays themselves are wrong.
 */
export function layersOf(
  data: unknown,
  origin: Origin,
  { quick, settings }: VariantOptions,
): { variants: NamedLayers[] } | { mistakes: Mistake[] } {
  if (!isPlainMap(data)) {
    return {
      mistakes: [{ where: origin.locate([]), message: 'a scenario is a map of keys and values' }],
    };
  }
  const { variants = {}, quick: quickOverlay = {}, ...rest } = data;
  const names = isPlainMap(variants) ? Object.keys(variants) : [];
  const mistakes = [
    ...settingMistakes(settings, names),
    ...overlayMistakes(variants, ['variants'], origin),
    ...(isPlainMap(quickOverlay)
      ? quickVariantMistakes(quickOverlay['variants'] ?? {}, names, origin)
      : [{ where: origin.locate(['quick']), message: 'quick is a map laid over the scenario' }]),
  ];
  if (mistakes.length > 0) return { mistakes };

  const { variants: quickVariants = {}, ...quickBase } = quickOverlay as Record<string, unknown>;
  let base = layer(rest, origin);
  if (quick) base = overlay(base, layer(quickBase, origin, ['quick']));

  const overlays = variants as Overlays;
  const quickOverlays = quick ? (quickVariants as Overlays) : {};
  if (names.length === 0) {
    const layered = withSettings(base, settingsOf(SINGLE_VARIANT, settings));
    return { variants: [{ name: SINGLE_VARIANT, layered }] };
  }
  return {
    variants: names.map((name) => {
      const layered = lineage(name, overlays).reduce((below, ancestor) => {
        const itsOwn = ancestor === name ? [EXTENDS_KEY] : [EXTENDS_KEY, ABOUT_KEY];
        const handedOn = without(overlays[ancestor] ?? {}, itsOwn);
        const said = overlay(below, layer(handedOn, origin, ['variants', ancestor]));
        const quickly = quickOverlays[ancestor] ?? {};
        return overlay(said, layer(quickly, origin, ['quick', 'variants', ancestor]));
      }, base);
      return { name, layered: withSettings(layered, settingsOf(name, settings)) };
    }),
  };
}

const without = (map: object, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));

function settingMistakes(settings: readonly Setting[], names: readonly string[]): Mistake[] {
  return settings
    .filter(
      ({ path: [first, variant] }) => first === 'variants' && !names.includes(String(variant)),
    )
    .map(({ option, path }) => ({
      where: option,
      message: `there is no variant "${String(path[1])}"`,
      hint: didYouMean(String(path[1]), names),
    }));
}

/** The variants that make up one, from the furthest ancestor to itself. */
function lineage(name: string, overlays: Overlays, seen: readonly string[] = []): string[] {
  const parent = overlays[name]?.[EXTENDS_KEY];
  if (typeof parent !== 'string' || seen.includes(name)) return [name];
  return [...lineage(parent, overlays, [...seen, name]), name];
}

function overlayMistakes(variants: unknown, path: Path, origin: Origin): Mistake[] {
  if (!isPlainMap(variants)) return [notOverlays(path, origin)];
  return Object.keys(variants).flatMap((name): Mistake[] => [
    ...oneOverlayMistakes(variants[name], [...path, name], origin),
    ...extendsMistakes(name, variants, [...path, name, EXTENDS_KEY], origin),
  ]);
}

/** What `quick:` says of variants: of those there are, and neither what they extend nor what they are about. */
function quickVariantMistakes(
  variants: unknown,
  names: readonly string[],
  origin: Origin,
): Mistake[] {
  const path = ['quick', 'variants'];
  if (!isPlainMap(variants)) return [notOverlays(path, origin)];
  return Object.entries(variants).flatMap(([name, own]): Mistake[] => {
    if (!names.includes(name)) {
      const where = origin.locate([...path, name], true);
      return [{ where, message: `there is no variant "${name}"`, hint: didYouMean(name, names) }];
    }
    const fixed = [EXTENDS_KEY, ABOUT_KEY].filter((key) => isPlainMap(own) && key in own);
    return [
      ...oneOverlayMistakes(own, [...path, name], origin),
      ...fixed.map((key) => ({
        where: origin.locate([...path, name, key], true),
        message: `"${key}" stands with the variant: --quick does not change it`,
      })),
    ];
  });
}

const notOverlays = (path: Path, origin: Origin): Mistake => ({
  where: origin.locate(path),
  message: 'variants is a map from names to overlays',
});

function oneOverlayMistakes(own: unknown, path: Path, origin: Origin): Mistake[] {
  if (!isPlainMap(own)) {
    const message = `variant ${String(path.at(-1))} is a map; {} changes nothing`;
    return [{ where: origin.locate(path), message }];
  }
  return SCENARIO_KEYS.filter((key) => key in own).map((key) => ({
    where: origin.locate([...path, key], true),
    message: `a variant cannot change "${key}": it is the same for all of them`,
  }));
}

function extendsMistakes(
  name: string,
  variants: Record<string, unknown>,
  path: Path,
  origin: Origin,
): Mistake[] {
  const seen = [name];
  for (let own = variants[name]; isPlainMap(own) && EXTENDS_KEY in own; ) {
    const parent = own[EXTENDS_KEY];
    const where = origin.locate(path);
    if (typeof parent !== 'string' || !(parent in variants)) {
      const hint = didYouMean(
        String(parent),
        Object.keys(variants).filter((other) => other !== name),
      );
      return [{ where, message: `there is no variant "${String(parent)}" to extend`, hint }];
    }
    if (seen.includes(parent)) {
      return [
        {
          where,
          message: `variants extend each other in a circle: ${[...seen, parent].join(' → ')}`,
        },
      ];
    }
    seen.push(parent);
    own = variants[parent];
  }
  return [];
}

/** The settings for one variant: those for all, and those that name it. */
function settingsOf(name: string, settings: readonly Setting[]): Setting[] {
  return settings.flatMap((setting) => {
    const [first, variant, ...rest] = setting.path;
    if (first !== 'variants') return [setting];
    return variant === name ? [{ ...setting, path: rest }] : [];
  });
}

/**
 * Puts each setting's value at its path, also inside lists: `load.0.arrivals.poisson`, or by the element's
 * name `load.say.arrivals.poisson`, or by its kind `faults.proc-pause.for`.
 */
function withSettings(base: Layered, settings: readonly Setting[]): Layered {
  return settings.reduce<Layered>((below, { path: given, value, option }) => {
    const path = numberedPath(below.data, given);
    const data = withValueAt(below.data, path, value);
    return {
      data,
      locate: (at, key) =>
        path.every((step, index) => String(at[index]) === String(step))
          ? option
          : below.locate(at, key),
    };
  }, base);
}

/** A path whose steps into lists are numbers, where what it names is there once. */
function numberedPath(data: unknown, [step, ...rest]: Path): Path {
  if (step === undefined) return [];
  if (isPlainMap(data)) return [step, ...numberedPath(data[String(step)], rest)];
  if (!Array.isArray(data)) return [step, ...rest];
  if (/^\d+$/.test(String(step))) return [step, ...numberedPath(data[Number(step)], rest)];
  const only = (isIt: (item: unknown) => boolean) => {
    const found = [...data.keys()].filter((index) => isIt(data[index]));
    return found.length === 1 ? found[0] : undefined;
  };
  const named = only((item) => isPlainMap(item) && item['name'] === step);
  if (named !== undefined) return [named, ...numberedPath(data[named], rest)];
  const keyed = only((item) => isPlainMap(item) && kindKeys(item).join() === step);
  if (keyed !== undefined) return [keyed, ...numberedPath(data[keyed], [step, ...rest])];
  return [step, ...rest];
}

/** What a check shows may stand beside its one key. */
const kindKeys = (item: object) => Object.keys(item).filter((key) => key !== SHOWS_KEY);

function withValueAt(data: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value;
  if (Array.isArray(data) && /^\d+$/.test(String(step))) {
    return Object.assign([...data], {
      [Number(step)]: withValueAt(data[Number(step)], rest, value),
    });
  }
  const map = isPlainMap(data) ? data : {};
  return { ...map, [String(step)]: withValueAt(map[String(step)], rest, value) };
}
