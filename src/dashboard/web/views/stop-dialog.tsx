import { useEffect, useRef, useState } from 'preact/hooks';
import type { ErrorBody, SweepView } from '../../api.js';
import { count } from '../data/format.js';

interface StopDialogProps {
  readonly sweep: SweepView;
  readonly running: number;
  readonly onClose: () => void;
}

/** Asks before it stops: what runs is lost. It closes by itself when the sweep has stopped. */
export function StopDialog({ sweep, running, onClose }: StopDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [state, setState] = useState<'asking' | 'sent' | { readonly error: string }>('asking');
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    if (!sweep.actions.stop) onClose();
  }, [sweep.actions.stop]);

  const stop = async () => {
    setState('sent');
    try {
      await requestStop(sweep.id);
    } catch (error) {
      setState({ error: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <dialog ref={dialog} class="confirm" onClose={onClose} aria-labelledby="stop-title">
      <h2 id="stop-title">Stop {sweep.definition.name}?</h2>
      <p>
        {running > 0 ? `${count(running, 'running trial')} will be cancelled, and nothing` : 'Nothing'} new is
        started. What has completed stays.
      </p>
      {typeof state === 'object' && <p class="error">It could not be stopped: {state.error}.</p>}
      <div class="buttons">
        <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
          Keep running
        </button>
        <button type="button" class="danger" disabled={state === 'sent'} onClick={() => void stop()}>
          {state === 'sent' ? 'Stopping…' : 'Stop sweep'}
        </button>
      </div>
    </dialog>
  );
}

async function requestStop(sweepId: string): Promise<void> {
  const response = await fetch(`./api/v1/sweeps/${encodeURIComponent(sweepId)}/stop`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  });
  if (response.ok) return;
  const body = (await response.json().catch(() => undefined)) as ErrorBody | undefined;
  throw new Error(body?.error.message ?? `the server answered ${response.status}`);
}
