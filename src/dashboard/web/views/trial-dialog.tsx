import { useEffect, useRef, useState } from 'preact/hooks';
import type { ErrorBody, SweepView, TrialDetail } from '../../api.js';
import { isTerminal } from '../../../sweep/trial.js';
import type { SweepModel } from '../live/sweep-model.js';
import { useVersion } from '../live/observable.js';
import { TrialStateMark } from './badges.js';
import { TrialArticle } from './trial-article.js';

interface TrialDialogProps {
  readonly model: SweepModel;
  readonly sweep: SweepView;
  readonly number: number;
  /** All of the sweep's, in their order. */
  readonly metrics: readonly string[];
  readonly onOpen: (trial: number) => void;
  readonly onClose: () => void;
}

/** One trial with everything that is known of it, over the view that it was opened from. */
export function TrialDialog({ model, sweep, number, metrics, onOpen, onClose }: TrialDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { detail, error } = useTrialDetail(model, number, sweep.state === 'running');
  useEffect(() => dialog.current?.showModal(), []);
  const closeOutside = (event: MouseEvent) => {
    if (event.target === dialog.current) dialog.current?.close();
  };
  return (
    <dialog ref={dialog} class="trial" onClose={onClose} onClick={closeOutside} aria-labelledby="trial-title">
      <article>
        <header>
          <h2 id="trial-title">Trial {number}</h2>
          {detail && <TrialStateMark state={detail.trial.state} />}
          <button type="button" class="quiet push" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </header>
        {error !== undefined ? (
          <p class="error">{error}</p>
        ) : detail ? (
          <TrialArticle {...{ detail, sweep, metrics, onOpen }} workers={model.workers} />
        ) : (
          <p class="muted" role="status">
            Loading trial {number}…
          </p>
        )}
      </article>
    </dialog>
  );
}

/** Read again while the trial is not over and its sweep changes; an interval, while another one may go on from it. */
function useTrialDetail(model: SweepModel, number: number, running: boolean) {
  useVersion(model);
  const [detail, setDetail] = useState<TrialDetail>();
  const [error, setError] = useState<string>();
  const isOver =
    detail !== undefined && isTerminal(detail.trial.state) && !(running && detail.lineage !== undefined);
  useEffect(() => {
    const abort = new AbortController();
    fetch(`${model.base}/trials/${number}`, { signal: abort.signal })
      .then(async (response) => {
        const body = (await response.json()) as TrialDetail | ErrorBody;
        if ('error' in body) setError(body.error.message);
        else setDetail(body);
      })
      .catch(() => {
        if (!abort.signal.aborted) setError('The server does not answer.');
      });
    return () => abort.abort();
  }, [number, isOver ? undefined : model.progress?.revision]);
  return { detail, error: detail ? undefined : error };
}
