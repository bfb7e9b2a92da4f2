/** A claim was not answered: the lease may be another coordinator's by now. */
export class NotAloneError extends Error {
  override readonly name = 'NotAloneError';
  constructor() {
    super('the lease is not certain just now');
  }
}
