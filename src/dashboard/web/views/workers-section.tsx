import { useState } from 'preact/hooks';
import type { SweepView, SweepWorker } from '../../api.js';
import type { SweepModel } from '../live/sweep-model.js';
import { ActionDialog } from './action-dialog.js';
import type { ActionContext } from './action-forms.js';
import { count, formatAgo } from '../data/format.js';
import { formatBytes } from '../../../sweep/units.js';
import { isAtWork, presenceOf, type Presence } from '../data/presence.js';
import { Slots } from './slots.js';
import { useNow } from './use-now.js';

interface WorkersSectionProps extends Pick<ActionContext, 'sweep' | 'counts'> {
  readonly model: SweepModel;
  /** The server's time. */
  readonly now: () => number;
}

type Asking = { readonly kind: 'quarantine' | 'release'; readonly worker: string };

/** Who trains: those at work first. */
export function WorkersSection({ model, sweep, counts, now }: WorkersSectionProps) {
  useNow(1000);
  const [asking, setAsking] = useState<Asking>();
  const { workers } = model;
  const running = sweep.state === 'running';
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
                <WorkerRow
                  key={worker.id}
                  {...{ worker, presence }}
                  now={time}
                  actions={sweep.actions}
                  onAsk={setAsking}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {asking && (
        <ActionDialog
          kind={asking.kind}
          context={{ sweep, counts, worker: asking.worker }}
          base={model.base}
          onClose={() => setAsking(undefined)}
        />
      )}
    </section>
  );
}

interface WorkerRowProps {
  readonly worker: SweepWorker;
  readonly presence: Presence;
  readonly now: number;
  /** What may be asked for. */
  readonly actions: SweepView['actions'];
  readonly onAsk: (asking: Asking) => void;
}

function WorkerRow({ worker, presence, now, actions, onAsk }: WorkerRowProps) {
  const { id, host, slots, busy, backend, device, memoryBytes, seenAt, quarantine } = worker;
  const kind = quarantine === undefined ? 'quarantine' : 'release';
  const mayAsk = actions.includes(kind) && (quarantine !== undefined || isAtWork(presence));
  return (
    <tr data-worker={id} class={isAtWork(presence) ? '' : 'past'}>
      <td class="id">{id}</td>
      <td>{host}</td>
      <td>
        {quarantine === undefined ? presence : <b class="warning-text">quarantine</b>}
        {quarantine !== undefined && <span class="why">{quarantine}</span>}
        {mayAsk && (
          <button type="button" class="tool" onClick={() => onAsk({ kind, worker: id })}>
            {kind === 'quarantine' ? 'Quarantine…' : 'Release…'}
          </button>
        )}
      </td>
      <td>{isAtWork(presence) && <Slots busy={busy} slots={slots} />}</td>
      <td>{backend}</td>
      <td>{device}</td>
      <td class="number">{formatBytes(memoryBytes)}</td>
      <td class="number">{formatAgo(seenAt, now)}</td>
    </tr>
  );
}
