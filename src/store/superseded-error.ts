/** Another coordinator has taken over the sweep: nothing was written, and nothing ever will be by this one. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
  constructor(readonly sweepId: string) {
    super(`another coordinator leads sweep ${sweepId} by now`);
  }
}
