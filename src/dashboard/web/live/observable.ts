import { useEffect, useState } from 'preact/hooks';

/**
 * Something that changes, and tells those who look at it: at most once for each picture that is drawn, and not again
 * before `rest` milliseconds have passed.
 */
export class Observable {
  readonly #listeners = new Set<() => void>();
  #scheduled = false;
  #last = 0;
  /** Grows with every change that was told of. */
  version = 0;

  /** Grows with what those who look have to do. */
  protected get rest(): number {
    return 0;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  protected changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const wait = this.#last + this.rest - performance.now();
    if (wait > 0) setTimeout(() => requestAnimationFrame(this.#tell), wait);
    else requestAnimationFrame(this.#tell);
  }

  readonly #tell = () => {
    this.#scheduled = false;
    this.#last = performance.now();
    this.version++;
    for (const listener of this.#listeners) listener();
  };
}

/** Draws the component again after every change; returns the version, for memos. */
export function useVersion(observable: Observable): number {
  const [version, setVersion] = useState(observable.version);
  useEffect(() => {
    setVersion(observable.version);
    return observable.subscribe(() => setVersion(observable.version));
  }, [observable]);
  return version;
}
