/** CPU time of this process, piece by piece. */

/** @returns gives the CPU time in ns, of all threads and in the kernel too, since it was last asked. */
export function processCpu(): () => number {
  const totalNs = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) * 1e3;
  };
  let takenNs = totalNs();
  return () => {
    const beforeNs = takenNs;
    takenNs = totalNs();
    return takenNs - beforeNs;
  };
}
