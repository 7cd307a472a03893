/** A place in a gate's text, and the mistakes found on the way: what the parser reads with. */

/** A mistake in a gate's text. */
export interface GateMistake {
  /** Of the first character that is wrong, from 1. */
  readonly column: number;
  /** What is wrong, as a sentence without a full stop. */
  readonly message: string;
  /** What would be right. */
  readonly hint: string;
}

/** A word with the column it stands at. */
export interface Word {
  readonly text: string;
  readonly column: number;
}

/** Thrown, and caught within the parser, where nothing after the mistake can be made sense of. */
export class LostTrack extends Error {}

export class GateCursor {
  readonly mistakes: GateMistake[] = [];
  private at = 0;

  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Column of what comes next, spaces skipped. */
  get column(): number {
    this.skipSpace();
    return this.at + 1;
  }

  /** Notes a mistake and goes on. */
  note(column: number, message: string, hint: string): void {
    this.mistakes.push({ column, message, hint });
  }

  /** Notes a mistake after which nothing can be made sense of. */
  lose(column: number, message: string, hint: string): never {
    this.note(column, message, hint);
    throw new LostTrack();
  }

  /** Takes a fixed text if it comes next. */
  take(fixed: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(fixed, this.at)) return false;
    this.at += fixed.length;
    return true;
  }

  /** Takes what a pattern matches next; an empty word when it matches nothing. */
  takeWord(pattern: RegExp): Word {
    this.skipSpace();
    const sticky = new RegExp(pattern, 'y');
    sticky.lastIndex = this.at;
    const text = sticky.exec(this.text)?.[0] ?? '';
    const column = this.at + 1;
    this.at += text.length;
    return { text, column };
  }

  /** What comes next, in words: `"<"`, or `the end`. */
  describeNext(): string {
    this.skipSpace();
    const next = /^(?:[\w.-]+|\S)/.exec(this.text.slice(this.at))?.[0];
    return next === undefined ? 'the end' : `"${next}"`;
  }

  private skipSpace(): void {
    while (this.text[this.at] === ' ' || this.text[this.at] === '\t') this.at++;
  }
}
