/** The faults there are. To add one: write its file, and add its line here. */
import { type Catalogue, chosenFrom } from '../base/catalogue.js';
import type { FaultKind } from './fault.js';
import { healthFlap } from './health-flap.js';
import { healthSet } from './health-set.js';
import { healthWatch } from './health-watch.js';
import { procCold } from './proc-cold.js';
import { procCpu } from './proc-cpu.js';
import { procCrash } from './proc-crash.js';
import { procDrain } from './proc-drain.js';
import { procLoopBlock } from './proc-loop-block.js';
import { procPause } from './proc-pause.js';
import { procRestart } from './proc-restart.js';
import { rpcAbort } from './rpc-abort.js';
import { rpcCorrupt } from './rpc-corrupt.js';
import { rpcDelay } from './rpc-delay.js';
import { rpcHang } from './rpc-hang.js';
import { rpcIgnoreCancel } from './rpc-ignore-cancel.js';
import { rpcOversize } from './rpc-oversize.js';
import { rpcRate } from './rpc-rate.js';
import { rpcShed } from './rpc-shed.js';

export const faults = {
  'rpc-abort': rpcAbort,
  'rpc-delay': rpcDelay,
  'rpc-hang': rpcHang,
  'rpc-shed': rpcShed,
  'rpc-ignore-cancel': rpcIgnoreCancel,
  'rpc-rate': rpcRate,
  'rpc-oversize': rpcOversize,
  'rpc-corrupt': rpcCorrupt,
  'health-set': healthSet,
  'health-flap': healthFlap,
  'health-watch': healthWatch,
  'proc-crash': procCrash,
  'proc-pause': procPause,
  'proc-restart': procRestart,
  'proc-drain': procDrain,
  'proc-loop-block': procLoopBlock,
  'proc-cpu': procCpu,
  'proc-cold': procCold,
} satisfies Catalogue<FaultKind>;

/** A map with one fault as its one key: `{ rpc-abort: { code: UNAVAILABLE, share: 50% } }`. */
export const faultSchema = chosenFrom('a fault', faults);
