/**
 * Milliseconds since the epoch, as of now by `wall`; from then on it goes as time goes, whatever becomes of that clock:
 * an hour that it is put forward or back has not passed.
 */
export function steadyClock(wall: () => number): () => number {
  const start = wall() - performance.now();
  return () => Math.round(start + performance.now());
}
