/** Something was to be written to a sweep that the store does not have. */
export class UnknownSweepError extends Error {
  override readonly name = 'UnknownSweepError';
  constructor(readonly sweepId: string) {
    super(`the store has no sweep ${sweepId}`);
  }
}
