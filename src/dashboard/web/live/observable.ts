import { useEffect, useState } from 'preact/hooks';

/** Something that changes, and tells those who look at it: at most once for each picture that is drawn. */
export class Observable {
  readonly #listeners = new Set<() => void>();
  #scheduled = false;
  /** Grows with every change that was told of. */
  version = 0;

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  protected changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.version++;
      for (const listener of this.#listeners) listener();
    });
  }
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
