/**
 * With which code a server reset a stream: grpc-js 1.14.7 keeps it to itself, and says so in the status
 * message only.
 */
import { ERROR_CODE_NAMES, type ErrorCodeName } from '../../base/http2-error-code.js';

const NUMBERED = /^Received RST_STREAM with code (\d+)/;

/** Messages for codes of which it does not tell the number. */
const NAMED: Readonly<Record<string, ErrorCodeName>> = {
  'Stream refused by server': 'REFUSED_STREAM',
  'Call cancelled': 'CANCEL',
  'Bandwidth exhausted or memory limit exceeded': 'ENHANCE_YOUR_CALM',
  'Protocol not secure enough': 'INADEQUATE_SECURITY',
};

/**
 * @param details the status message of an attempt.
 * @returns undefined when its stream was not reset. A stream above the last one of a GOAWAY is among the
 *   refused ones: Node does not tell them apart.
 */
export function resetCodeOf(details: string): ErrorCodeName | undefined {
  const [, number] = NUMBERED.exec(details) ?? [];
  return number === undefined ? NAMED[details] : ERROR_CODE_NAMES[Number(number)];
}
