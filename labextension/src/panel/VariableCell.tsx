/** The variable that holds a file: shown, and edited in place. */

import { useEffect, useId, useRef, useState } from 'react';
import type { JSX, KeyboardEvent } from 'react';
import type { IStoredFile } from '../model';
import { plainText } from './plainText';
import { Popup } from './Popup';
import type { IAnchor } from './Popup';
import { messageOf, useSurroundings } from './surroundings';
import { useTrans } from './trans';

interface IVariableCell {
  file: IStoredFile;
  isEditing: boolean;
  /** Editing is over; `isByKey` if the keyboard is to go back to the list. */
  onDone(isByKey: boolean): void;
}

export function VariableCell({ file, isEditing, onDone }: IVariableCell): JSX.Element {
  const trans = useTrans();
  if (isEditing) {
    return <VariableInput file={file} onDone={onDone} />;
  }
  const label = plainText(file.label);
  return (
    <button
      type="button"
      tabIndex={-1}
      data-part="variable"
      className={`jp-gemfiles-Variable${file.variable ? '' : ' jp-mod-none'}`}
      aria-label={
        file.variable
          ? trans.__('Rename variable %1 of %2', file.variable, label)
          : trans.__('Set variable of %1', label)
      }
      title={file.variable ? trans.__('Rename variable') : trans.__('Set variable')}
    >
      {file.variable ? plainText(file.variable) : trans.__('variable')}
    </button>
  );
}

function VariableInput({ file, onDone }: Omit<IVariableCell, 'isEditing'>): JSX.Element {
  const trans = useTrans();
  const { model, say } = useSurroundings();
  const errorId = useId();
  const input = useRef<HTMLInputElement>(null);
  const isSaving = useRef(false);
  const [error, setError] = useState<{ message: string; anchor: IAnchor } | null>(null);

  useEffect(() => {
    input.current!.focus();
    input.current!.select();
  }, []);

  const save = async (isByKey: boolean) => {
    const variable = input.current!.value.trim();
    if (isSaving.current) {
      return;
    }
    if (variable === file.variable) {
      onDone(isByKey);
      return;
    }
    isSaving.current = true;
    try {
      await model.setVariable(file.name, variable);
      onDone(isByKey);
    } catch (problem) {
      if (input.current !== null) {
        const message = plainText(messageOf(problem));
        setError({ message, anchor: input.current.getBoundingClientRect() });
        say(message);
        input.current.focus();
      }
    } finally {
      isSaving.current = false;
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === 'Enter') {
      event.preventDefault();
      void save(true);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      onDone(true);
    }
  };

  return (
    <>
      <input
        ref={input}
        className="jp-gemfiles-Variable-input"
        defaultValue={file.variable}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        aria-label={trans.__('Variable of %1', plainText(file.label))}
        aria-invalid={error !== null}
        aria-describedby={error ? errorId : undefined}
        onKeyDown={onKeyDown}
        onInput={() => setError(null)}
        onBlur={() => (error ? onDone(false) : void save(false))}
      />
      {error && (
        <Popup anchor={error.anchor} className="jp-gemfiles-FieldError">
          <span id={errorId}>{error.message}</span>
        </Popup>
      )}
    </>
  );
}
