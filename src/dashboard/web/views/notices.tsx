import type { ComponentChildren } from 'preact';

/** Where a page has nothing to show: why, and what to do. */
export function Blank({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <section class="blank">
      <h1>{title}</h1>
      {children}
    </section>
  );
}

/** Before the first data: the shape of what comes, so that nothing jumps. */
export function Loading({ what }: { what: string }) {
  return (
    <section class="loading" role="status">
      <span class="visually-hidden">Loading {what}…</span>
      <div class="ghost wide" />
      <div class="ghost bar" />
      <div class="ghost tall" />
    </section>
  );
}

/** Where charts will be. */
export function GhostCharts({ n }: { n: number }) {
  return (
    <div role="status">
      <span class="visually-hidden">Loading charts…</span>
      {Array.from({ length: n }, (_, index) => (
        <div key={index} class="ghost chart" />
      ))}
    </div>
  );
}

export function Refused({ status, message }: { status: number; message: string }) {
  return (
    <Blank title={status === 404 ? 'Not found' : 'Not available'}>
      <p>The server says: {message}.</p>
      <p>
        <a href="#/">All sweeps</a>
      </p>
    </Blank>
  );
}
