import type { TrialDetail, WorkerRecord } from '../../api.js';
import { formatDuration } from '../../../sweep/units.js';
import { count } from '../data/format.js';

interface AttemptListProps extends Pick<TrialDetail, 'attempts' | 'logs'> {
  readonly number: number;
  readonly workers: readonly WorkerRecord[];
  readonly onOpen: (trial: number) => void;
}

/** Each try: how it ended, where, with whom, and what it logged. */
export function AttemptList({ attempts, logs, number, workers, onOpen }: AttemptListProps) {
  return (
    <section aria-label="Attempts">
      <h3>Attempts</h3>
      <ol class="attempts">
        {attempts.map(({ attempt, workerId, startedAt, finishedAt, outcome, failure, pack }) => {
          const worker = workers.find(({ id }) => id === workerId);
          const lines = logs.filter((log) => log.attempt === attempt).flatMap((log) => log.lines);
          return (
            <li key={attempt} value={attempt} data-attempt={attempt}>
              {outcome ?? (finishedAt === undefined ? 'running' : 'ended')} on{' '}
              <span class="id">{workerId}</span>
              {worker && worker.host !== workerId && <span class="muted"> at {worker.host}</span>}
              {finishedAt !== undefined && ` after ${formatDuration((finishedAt - startedAt) / 1000)}`}
              {failure && (
                <span class="muted">
                  {' '}
                  – {failure.class}: {failure.message}
                </span>
              )}
              {pack && <PackMembers others={pack.filter((member) => member !== number)} onOpen={onOpen} />}
              {lines.length > 0 && (
                <details class="log" open={failure !== undefined}>
                  <summary>Log: {count(lines.length, 'line')}</summary>
                  <pre tabIndex={0}>{lines.join('\n')}</pre>
                </details>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** More are counted. */
const mostNamed = 12;

function PackMembers({ others, onOpen }: { others: readonly number[]; onOpen: (trial: number) => void }) {
  if (others.length === 0) return null;
  return (
    <p class="pack muted">
      In a pack of {others.length + 1} with{' '}
      {others.slice(0, mostNamed).map((member, index) => (
        <span key={member}>
          {index > 0 && ', '}
          <button type="button" class="link" onClick={() => onOpen(member)} aria-label={`Trial ${member}`}>
            {member}
          </button>
        </span>
      ))}
      {others.length > mostNamed && ` and ${count(others.length - mostNamed, 'other')}`}
    </p>
  );
}
