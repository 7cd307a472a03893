/** One suite, all drivers. */
import { driverCases } from './driver.case.js';

driverCases('grpc-js');
driverCases('wire');
