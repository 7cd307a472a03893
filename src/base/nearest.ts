/** The nearest valid words to a mistyped one: the hint in "unknown key", "unknown scenario". */
import { distance } from 'fastest-levenshtein';

/**
 * The `candidates` close enough to `word` to be what was meant, at most three: those at the smallest
 * edit distance, if that is at most a third of the word's length (or two), and those that begin with it.
 */
export function nearest(word: string, candidates: readonly string[]): string[] {
  const reach = Math.max(2, Math.floor(word.length / 3));
  const wanted = word.toLowerCase();
  const measured = candidates.map((candidate) => ({
    candidate,
    edits: distance(wanted, candidate.toLowerCase()),
  }));
  const closest = Math.min(reach, ...measured.map(({ edits }) => edits));
  return measured
    .filter(
      ({ candidate, edits }) => edits <= closest || candidate.toLowerCase().startsWith(wanted),
    )
    .sort((a, b) => a.edits - b.edits || a.candidate.localeCompare(b.candidate))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** `did you mean "a" or "b"?`, or, when nothing is near, `one of: a, b, c`. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  if (near.length === 0) return `one of: ${candidates.join(', ')}`;
  return `did you mean ${near.map((candidate) => `"${candidate}"`).join(' or ')}?`;
}
