import { useEffect, useRef, useState } from 'preact/hooks';
import type { SweepAction } from '../../../sweep/steering/sweep-action.js';
import { perform, type WantedAction } from '../live/perform.js';
import { actionForms, type ActionContext } from './action-forms.js';

interface ActionDialogProps {
  readonly kind: SweepAction['action'];
  readonly context: ActionContext;
  /** Where the server answers about the sweep. */
  readonly base: string;
  readonly onClose: () => void;
}

/** Asks before it acts, and says why where it could not. */
export function ActionDialog({ kind, context, base, onClose }: ActionDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [state, setState] = useState<'asking' | 'sent' | { readonly error: string }>('asking');
  useEffect(() => dialog.current?.showModal(), []);
  const form = actionForms[kind];
  const fields = form.fields?.(context) ?? [];
  const act = async () => {
    setState('sent');
    try {
      const filled: WantedAction = { action: kind, ...form.body(values, context) };
      await perform(base, filled);
      dialog.current?.close();
    } catch (error) {
      setState({ error: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <dialog ref={dialog} class="confirm" onClose={onClose} aria-labelledby="action-title">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void act();
        }}
      >
        <h2 id="action-title">{form.title(context)}</h2>
        <p>{form.text(context)}</p>
        {fields.map(({ name, label, type, value }) => (
          <label key={name} class="field">
            <span>{label}</span>
            <input
              name={name}
              type="text"
              inputMode={type === 'number' ? 'decimal' : 'text'}
              value={values[name] ?? value ?? ''}
              onInput={({ currentTarget }) => setValues({ ...values, [name]: currentTarget.value })}
            />
          </label>
        ))}
        {typeof state === 'object' && (
          <p class="error" role="alert">
            It could not be done: {state.error}.
          </p>
        )}
        <div class="buttons">
          <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
            {form.leave}
          </button>
          <button type="submit" class={form.danger ? 'danger' : 'primary'} disabled={state === 'sent'}>
            {state === 'sent' ? 'Asking…' : form.confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}
