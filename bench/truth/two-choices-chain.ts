/**
 * The mean time of calls where each takes the shorter of two different queues out of n, exactly, for a
 * finite n: no closed form is known, and the one for very many queues is some per cent too small for 8.
 *
 * Poisson arrivals at n·ρ, n exponential servers at rate 1. Equal backends are interchangeable, so a
 * state is how many calls each has, in order; with at most `most` each there are C(n + most, n) states.
 * Their stationary chances solve the balance equations, by sweeps of Gauss and Seidel; the mean number of
 * calls gives the mean time by Little's law. A full backend is not joined: with 8 backends at ρ = 0.8 and
 * at most 8 calls each, that makes the mean smaller by some 0.02 %.
 */

/** States of the chain: descending lists of n numbers from 0 to `most`. */
interface States {
  readonly all: readonly (readonly number[])[];
  indexOf(state: readonly number[]): number;
}

function statesOf(backends: number, most: number): States {
  const all: number[][] = [];
  const fill = (state: number[], max: number) => {
    if (state.length === backends) all.push(state);
    else for (let calls = 0; calls <= max; calls++) fill([...state, calls], calls);
  };
  fill([], most);
  const indices = new Map(all.map((state, index) => [state.join(), index]));
  return { all, indexOf: (state) => indices.get(state.join()) ?? -1 };
}

/** Ways out of a state: where to, and how fast. */
interface Flow {
  readonly from: number;
  readonly to: number;
  readonly rate: number;
}

const changed = (state: readonly number[], position: number, by: number) =>
  state.map((calls, at) => (at === position ? calls + by : calls)).sort((a, b) => b - a);

/** The share of arrivals that the backend at a position of a descending list takes. */
function takenShare(state: readonly number[], position: number): number {
  const { length: backends } = state;
  if (backends === 1) return 1;
  const own = state[position] ?? 0;
  // It is one of the two, and the other is longer, or as long and the second one drawn.
  const longer = state.filter((calls) => calls > own).length;
  const equal = state.filter((calls) => calls === own).length - 1;
  return (2 * longer + equal) / (backends * (backends - 1));
}

function flowsOf({ all, indexOf }: States, rho: number, most: number): Flow[] {
  return all.flatMap((state, from) =>
    state.flatMap((calls, position) => {
      const flows: Flow[] = [];
      const rate = state.length * rho * takenShare(state, position);
      if (calls < most && rate > 0) {
        flows.push({ from, to: indexOf(changed(state, position, 1)), rate });
      }
      if (calls > 0) flows.push({ from, to: indexOf(changed(state, position, -1)), rate: 1 });
      return flows;
    }),
  );
}

const SWEEPS_MAX = 20_000;

/**
 * @param service mean service time; the result is in its unit.
 * @param most of calls that a backend holds.
 */
export function shorterOfTwoExact(
  service: number,
  rho: number,
  backends: number,
  most = 8,
  precision = 1e-7,
): number {
  const states = statesOf(backends, most);
  const flows = flowsOf(states, rho, most).sort((a, b) => a.to - b.to);
  const size = states.all.length;
  const first = new Uint32Array(size + 1);
  for (const { to } of flows) first[to + 1] = (first[to + 1] ?? 0) + 1;
  for (let i = 0; i < size; i++) first[i + 1] = (first[i + 1] ?? 0) + (first[i] ?? 0);
  const from = Uint32Array.from(flows, (flow) => flow.from);
  const rates = Float64Array.from(flows, (flow) => flow.rate);
  const out = new Float64Array(size);
  for (const flow of flows) out[flow.from] = (out[flow.from] ?? 0) + flow.rate;
  const calls = Float64Array.from(states.all, (state) => state.reduce((sum, one) => sum + one, 0));

  const chance = new Float64Array(size).fill(1 / size);
  let mean = Number.NaN;
  for (let sweep = 1; sweep <= SWEEPS_MAX; sweep++) {
    for (let to = 0; to < size; to++) {
      let inflow = 0;
      const end = first[to + 1] ?? 0;
      for (let i = first[to] ?? 0; i < end; i++) {
        inflow += (rates[i] ?? 0) * (chance[from[i] ?? 0] ?? 0);
      }
      chance[to] = inflow / (out[to] ?? 1);
    }
    if (sweep % 10 !== 0) continue;
    const total = chance.reduce((sum, p) => sum + p, 0);
    const next = chance.reduce((sum, p, i) => sum + p * (calls[i] ?? 0), 0) / total;
    if (Math.abs(next - mean) < precision * next) return (service * next) / (backends * rho);
    mean = next;
  }
  throw new Error(`no stationary state was found in ${SWEEPS_MAX} sweeps`);
}
