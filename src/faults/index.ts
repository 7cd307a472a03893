/** The faults there are. To add one: write its file, and add its line here. */
import { type Catalogue, chosenFrom } from '../base/catalogue.js';
import { discChurn } from './disc-churn.js';
import { discEmpty } from './disc-empty.js';
import { discError } from './disc-error.js';
import { discSet } from './disc-set.js';
import { discSlow } from './disc-slow.js';
import { discStale } from './disc-stale.js';
import type { FaultKind } from './fault.js';
import { h2ConnectionStall } from './h2-connection-stall.js';
import { h2Goaway } from './h2-goaway.js';
import { h2HttpStatus } from './h2-http-status.js';
import { h2MaxStreams } from './h2-max-streams.js';
import { h2NoTrailers } from './h2-no-trailers.js';
import { h2PingDrop } from './h2-ping-drop.js';
import { h2Rst } from './h2-rst.js';
import { h2Settings } from './h2-settings.js';
import { h2Truncate } from './h2-truncate.js';
import { h2WindowStall } from './h2-window-stall.js';
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
import { rpcDrop } from './rpc-drop.js';
import { rpcDuplicate } from './rpc-duplicate.js';
import { rpcHang } from './rpc-hang.js';
import { rpcIgnoreCancel } from './rpc-ignore-cancel.js';
import { rpcOversize } from './rpc-oversize.js';
import { rpcRate } from './rpc-rate.js';
import { rpcShed } from './rpc-shed.js';
import { tcpAcceptStall } from './tcp-accept-stall.js';
import { tcpBandwidth } from './tcp-bandwidth.js';
import { tcpBlackhole } from './tcp-blackhole.js';
import { tcpCloseAfter } from './tcp-close-after.js';
import { tcpLatency } from './tcp-latency.js';
import { tcpRefuse } from './tcp-refuse.js';
import { tcpReset } from './tcp-reset.js';
import { tcpSlice } from './tcp-slice.js';
import { tcpSlowClose } from './tcp-slow-close.js';

export const faults = {
  'rpc-abort': rpcAbort,
  'rpc-delay': rpcDelay,
  'rpc-hang': rpcHang,
  'rpc-shed': rpcShed,
  'rpc-ignore-cancel': rpcIgnoreCancel,
  'rpc-rate': rpcRate,
  'rpc-oversize': rpcOversize,
  'rpc-corrupt': rpcCorrupt,
  'rpc-drop': rpcDrop,
  'rpc-duplicate': rpcDuplicate,
  'health-set': healthSet,
  'health-flap': healthFlap,
  'health-watch': healthWatch,
  'h2-rst': h2Rst,
  'h2-goaway': h2Goaway,
  'h2-max-streams': h2MaxStreams,
  'h2-window-stall': h2WindowStall,
  'h2-connection-stall': h2ConnectionStall,
  'h2-ping-drop': h2PingDrop,
  'h2-settings': h2Settings,
  'h2-no-trailers': h2NoTrailers,
  'h2-truncate': h2Truncate,
  'h2-http-status': h2HttpStatus,
  'proc-crash': procCrash,
  'proc-pause': procPause,
  'proc-restart': procRestart,
  'proc-drain': procDrain,
  'proc-loop-block': procLoopBlock,
  'proc-cpu': procCpu,
  'proc-cold': procCold,
  'disc-set': discSet,
  'disc-churn': discChurn,
  'disc-empty': discEmpty,
  'disc-error': discError,
  'disc-stale': discStale,
  'disc-slow': discSlow,
  'tcp-latency': tcpLatency,
  'tcp-bandwidth': tcpBandwidth,
  'tcp-slice': tcpSlice,
  'tcp-slow-close': tcpSlowClose,
  'tcp-reset': tcpReset,
  'tcp-close-after': tcpCloseAfter,
  'tcp-blackhole': tcpBlackhole,
  'tcp-refuse': tcpRefuse,
  'tcp-accept-stall': tcpAcceptStall,
} satisfies Catalogue<FaultKind>;

/** A map with one fault as its one key: `{ rpc-abort: { code: UNAVAILABLE, share: 50% } }`. */
export const faultSchema = chosenFrom('a fault', faults);
