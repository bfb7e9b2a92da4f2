import type { WorkerRecord } from '../../api.js';
import { count, formatAgo } from '../data/format.js';
import { formatBytes } from '../../../sweep/units.js';
import { useNow } from './use-now.js';

interface WorkersSectionProps {
  readonly workers: readonly WorkerRecord[];
  /** The server's time. */
  readonly now: () => number;
  readonly running: boolean;
}

/** Who trains: those at work first. */
export function WorkersSection({ workers, now, running }: WorkersSectionProps) {
  useNow(1000);
  const present = workers.filter(({ state }) => isPresent(state));
  const sorted = [...workers].sort(
    (a, b) => Number(isPresent(b.state)) - Number(isPresent(a.state)) || b.seenAt - a.seenAt,
  );
  const slots = present.reduce((sum, worker) => sum + worker.slots, 0);
  const busy = present.reduce((sum, worker) => sum + worker.busy, 0);
  return (
    <section class="panel workers" aria-label="Workers">
      <div class="panel-head">
        <h2>Workers</h2>
        {present.length > 0 && (
          <p class="muted">
            {count(present.length, 'worker')}, {busy} of {count(slots, 'slot')} busy
          </p>
        )}
      </div>
      {workers.length === 0 ? (
        <p class="muted note">
          {running
            ? 'No worker yet. On another machine: worker start --join, with what the coordinator printed.'
            : 'No worker took part.'}
        </p>
      ) : (
        <div class="table-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">worker</th>
                <th scope="col">host</th>
                <th scope="col">state</th>
                <th scope="col">slots busy</th>
                <th scope="col">backend</th>
                <th scope="col">device</th>
                <th scope="col" class="number">
                  memory
                </th>
                <th scope="col" class="number">
                  last seen
                </th>
              </tr>
            </thead>
            <tbody>
              {sorted.map((worker) => (
                <WorkerRow key={worker.id} worker={worker} now={now()} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function isPresent(state: WorkerRecord['state']): boolean {
  return state === 'running' || state === 'draining';
}

function WorkerRow({ worker, now }: { worker: WorkerRecord; now: number }) {
  const { id, host, state, slots, busy, backend, device, memoryBytes, seenAt } = worker;
  return (
    <tr data-worker={id} class={isPresent(state) ? '' : 'past'}>
      <td class="id">{id}</td>
      <td>{host}</td>
      <td>
        <span class={`worker-state ${state}`}>{state}</span>
      </td>
      <td>
        {isPresent(state) && (
          <span class="slots" role="img" aria-label={`${busy} of ${slots} slots busy`}>
            {slots <= 16 &&
              Array.from({ length: slots }, (_, slot) => <i key={slot} class={slot < busy ? 'busy' : ''} />)}
            <span>
              {busy} / {slots}
            </span>
          </span>
        )}
      </td>
      <td>{backend}</td>
      <td>{device}</td>
      <td class="number">{formatBytes(memoryBytes)}</td>
      <td class="number">{formatAgo(seenAt, now)}</td>
    </tr>
  );
}
