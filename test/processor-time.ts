/**
 * Milliseconds of processor time that this takes, in all threads of the process: on a busy machine, where the clock
 * goes on while others compute, still about the same.
 */
export function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
