/** The terminal report's last word before the outcome: what the run has to say to the scenario's question. */
import type { Summary } from '../metrics/summary.js';
import { indent, type Style, titleRule, wrap } from './terminal-style.js';

/** Undefined where there is nothing to say. */
export function answerBlock(style: Style, { answer, variants }: Summary): string | undefined {
  if (answer === undefined) return undefined;
  const told = answer.isConfirmed ? answer.sentences : [whyNot(variants)];
  const lines = told.map((sentence) => wrap(sentence, style.width - 2).join('\n'));
  return `${titleRule(style, 'answer')}\n\n${indent(lines.join('\n'), 2)}`;
}

function whyNot(variants: Summary['variants']): string {
  const names = variants.flatMap(({ name, checks }) =>
    checks.filter(({ verdict }) => verdict !== 'pass').map((check) => `${check.name} in ${name}`),
  );
  return (
    `None: the scenario's answer rests on checks that did not pass (${names.join(', ')}). What happened ` +
    'stands with them.'
  );
}
