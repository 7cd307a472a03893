/**
 * What outlier detection in a worker's clients does, as events of the record: each channel ejects for itself,
 * by the calls that it made.
 */
import type { EjectionNews } from '../drivers/driver.js';
import type { EarlyEvents } from './early-events.js';

/**
 * For the driver.
 * @param nameOf the name of the backend at an address.
 */
export function tellOfEjections(
  events: EarlyEvents,
  worker: number,
  nameOf: (address: string) => string,
): (address: string, news: EjectionNews) => void {
  return (address, { channel, isEjected }) => {
    const name = nameOf(address);
    events.add({
      kind: 'client.ejection',
      detail: `worker ${worker} ${isEjected ? 'ejects' : 'lets back in'} ${name}`,
      subject: name,
      ejection: { client: `${worker}.${channel}`, isEjected },
    });
  };
}
