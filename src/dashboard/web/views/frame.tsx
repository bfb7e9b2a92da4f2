import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ProgressAnswer } from '../../api/charts.js';
import { readingText } from '../data/format.js';
import type { ConnectionStatus } from '../live/event-connection.js';
import { useNow } from './use-now.js';

interface FrameProps {
  readonly title: string;
  readonly status: ConnectionStatus;
  /** What keeps the server from reading its store. */
  readonly problem: string | null;
  readonly onRetry: () => void;
  /** Whether what is shown still changes. */
  readonly changing: boolean;
  /** How far the server has read what is shown, where it has not all of it. */
  readonly reading?: ProgressAnswer['reading'];
  readonly children: ComponentChildren;
}

/** The top of every page: where one is, and how it stands between the page and its server. */
export function Frame({ title, status, problem, onRetry, changing, reading, children }: FrameProps) {
  useEffect(() => {
    document.title = title ? `${title} · Sweepyard` : 'Sweepyard';
  }, [title]);
  return (
    <>
      <header class="top">
        <a class="home" href="#/">
          <Mark />
          Sweepyard
        </a>
        <nav class="places" aria-label="Pages">
          <a href="#/workers">workers</a>
        </nav>
        {title && (
          <nav aria-label="Where you are">
            <a href="#/">sweeps</a>
            <span aria-hidden="true">/</span>
            <span aria-current="page">{title}</span>
          </nav>
        )}
        <ConnectionMark {...{ status, changing, reading }} />
      </header>
      <div aria-live="polite">
        {status.kind === 'lost' && <LostNotice retryAt={status.retryAt} onRetry={onRetry} />}
        {problem !== null && status.kind === 'live' && (
          <p class="notice warning">The server can’t read its database, and tries again: {problem}</p>
        )}
      </div>
      <main>{children}</main>
    </>
  );
}

function Mark() {
  return (
    <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden="true">
      <path class="mark-line" d="M4 26h8v-7h7v-6h9V5" fill="none" stroke-width="3.5" />
      <circle class="mark-dot" cx="7" cy="14" r="2.6" />
      <circle class="mark-dot" cx="14" cy="9" r="2.6" />
      <circle class="mark-dot" cx="25" cy="23" r="2.6" />
    </svg>
  );
}

function ConnectionMark({ status, changing, reading }: Pick<FrameProps, 'status' | 'changing' | 'reading'>) {
  const text = {
    connecting: 'connecting…',
    live: reading ? readingText(reading) : changing ? 'live' : 'up to date',
    lost: 'connection lost',
    refused: 'not available',
  }[status.kind];
  return (
    <span class={`connection ${status.kind}`} data-connection={status.kind}>
      {text}
    </span>
  );
}

function LostNotice({ retryAt, onRetry }: { retryAt: number; onRetry: () => void }) {
  const now = useNow(250);
  const seconds = Math.max(0, Math.ceil((retryAt - now) / 1000));
  return (
    <p class="notice warning">
      <span>
        The server does not answer. What you see is as it was; it catches up by itself
        {seconds > 0 ? `, next try in ${seconds} s.` : ', trying now…'}
      </span>
      <button type="button" class="quiet" onClick={onRetry}>
        Try now
      </button>
    </p>
  );
}
