/**
 * The house rules that a compiler and a linter cannot hold: which room may import which, and that
 * nothing in the repository names what it should not.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A room may import itself and what stands before it (docs/ARCHITECTURE.md). */
const ROOMS = [
  'base',
  'metrics',
  'arrivals',
  'calls',
  'faults',
  'interceptors',
  'balancers',
  'checks',
  'http2',
  'drivers',
  'targets',
  'proxy',
  'workers',
  'scenarios',
  'run',
  'analysis',
  'gates',
  'report',
  'cli',
];
/** Catalogues are chosen from, never built on each other; `calls` draws message times from `arrivals`. */
const CATALOGUES = ['arrivals', 'calls', 'faults', 'interceptors', 'balancers', 'checks'];
/** Catalogues that belong to a room. */
const INNER_CATALOGUES = ['targets/health-checks'];
const CATALOGUE_EXCEPTIONS = ['calls → arrivals'];

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file));
}

/** Relative imports of a source file, as paths from the root. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)];
  return specifiers.map(([, specifier = '']) =>
    relative(root, join(root, dirname(file), specifier)),
  );
}

const roomOf = (file: string) => /^src\/([^/]+)\//.exec(file)?.[1];
const sources = filesBelow('src', '.ts');
const product = sources.filter((file) => !/\.(test|case)\.ts$/.test(file));

test('every folder of src is a room', () => {
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  assert.deepEqual(folders.toSorted(), ROOMS.toSorted());
});

test('a room imports only what stands above it', () => {
  const wrong = product.flatMap((file) => {
    const room = roomOf(file);
    if (room === undefined) return [];
    return importsOf(file)
      .map((imported) => roomOf(imported))
      .filter((other) => other === undefined || ROOMS.indexOf(other) > ROOMS.indexOf(room))
      .map((other) => `${file} imports ${other}`);
  });
  assert.deepEqual(wrong, []);
});

test('catalogues do not import each other', () => {
  const wrong = product.flatMap((file) => {
    const room = roomOf(file) ?? '';
    if (!CATALOGUES.includes(room)) return [];
    return importsOf(file)
      .map((imported) => roomOf(imported) ?? '')
      .filter((other) => CATALOGUES.includes(other) && other !== room)
      .map((other) => `${room} → ${other}`)
      .filter((pair) => !CATALOGUE_EXCEPTIONS.includes(pair))
      .map((pair) => `${file}: ${pair}`);
  });
  assert.deepEqual(wrong, []);
});

test('every kind of a catalogue is in its index', () => {
  const missing = [...CATALOGUES, ...INNER_CATALOGUES].flatMap((room) => {
    const index = readFileSync(join(root, 'src', room, 'index.ts'), 'utf8');
    return product
      .filter((file) => file.startsWith(`src/${room}/`))
      .filter((file) => /^\s+kind: '/m.test(readFileSync(join(root, file), 'utf8')))
      .map((file) => file.replace(/^.*\//, './').replace(/\.ts$/, '.js'))
      .filter((specifier) => !index.includes(`'${specifier}'`))
      .map((specifier) => `src/${room}/index.ts lacks ${specifier}`);
  });
  assert.deepEqual(missing, []);
});

test('every file opens with what it is for, and none is a grab bag', () => {
  const wrong = product.filter((file) => {
    const text = readFileSync(join(root, file), 'utf8').replace(/^#!.*\n/, '');
    return !/^(\/\*\*|\/\/|import[^;]+;\n)/.test(text) || /(utils?|helpers|misc)\.ts$/.test(file);
  });
  assert.deepEqual(wrong, []);
});

test('no source file grows beyond what one idea needs', () => {
  const lengths = product.map((file) => readFileSync(join(root, file), 'utf8').split('\n').length);
  const sorted = lengths.toSorted((a, b) => a - b);
  const ninetieth = sorted[Math.floor(sorted.length * 0.9)] ?? 0;
  assert.ok(ninetieth <= 300, `nine in ten files should be under 300 lines; now ${ninetieth}`);
});

test('dependencies are pinned, and each is used', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  assert.deepEqual(loose, []);
  const text = product.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  const unused = Object.keys(manifest.dependencies).filter((name) => !text.includes(`'${name}`));
  assert.deepEqual(unused, []);
});
