import type { WorkerRecord } from '../../api.js';
import { count, formatAgo } from '../data/format.js';
import { formatBytes } from '../../../sweep/units.js';
import { isAtWork, presenceOf, type Presence } from '../data/presence.js';
import { Slots } from './slots.js';
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
  const time = now();
  const sorted = workers
    .map((worker) => ({ worker, presence: presenceOf(worker, time) }))
    .sort(
      (a, b) =>
        Number(isAtWork(b.presence)) - Number(isAtWork(a.presence)) || b.worker.seenAt - a.worker.seenAt,
    );
  const present = sorted.filter(({ presence }) => isAtWork(presence)).map(({ worker }) => worker);
  const slots = present.reduce((sum, worker) => sum + worker.slots, 0);
  const busy = present.reduce((sum, worker) => sum + worker.busy, 0);
  return (
    <section class="panel workers" aria-label="Workers">
      <div class="panel-head">
        <h2>Workers</h2>
        {present.length > 0 && (
          <p class="muted" data-slots={slots}>
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
              {sorted.map(({ worker, presence }) => (
                <WorkerRow key={worker.id} worker={worker} presence={presence} now={time} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

interface WorkerRowProps {
  readonly worker: WorkerRecord;
  readonly presence: Presence;
  readonly now: number;
}

function WorkerRow({ worker, presence, now }: WorkerRowProps) {
  const { id, host, slots, busy, backend, device, memoryBytes, seenAt } = worker;
  return (
    <tr data-worker={id} class={isAtWork(presence) ? '' : 'past'}>
      <td class="id">{id}</td>
      <td>{host}</td>
      <td>{presence}</td>
      <td>{isAtWork(presence) && <Slots busy={busy} slots={slots} />}</td>
      <td>{backend}</td>
      <td>{device}</td>
      <td class="number">{formatBytes(memoryBytes)}</td>
      <td class="number">{formatAgo(seenAt, now)}</td>
    </tr>
  );
}
