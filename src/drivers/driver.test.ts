/** The suites, all drivers. */
import { driverCases } from './driver.case.js';
import { connectionCases } from './driver-connections.case.js';
import { messageCases } from './message.case.js';
import { readingCases } from './reading.case.js';
import { sampleCases } from './sample.case.js';
import { streamCases } from './stream.case.js';

for (const driver of ['grpc-js', 'wire'] as const) {
  driverCases(driver);
  streamCases(driver);
  readingCases(driver);
  messageCases(driver);
  connectionCases(driver);
  sampleCases(driver);
}
