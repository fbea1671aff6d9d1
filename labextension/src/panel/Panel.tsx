/** The Gemini files panel, in whatever home: a sidebar of JupyterLab or an output of a notebook. */

import { useMemo, useRef, useState } from 'react';
import type { JSX, KeyboardEvent } from 'react';
import type { IFilesModel, IHost } from '../model';
import { useAnnouncements } from './announcements';
import { Files } from './Files';
import { Header } from './Header';
import { useSize, useSnapshot, useStable } from './hooks';
import { useIntake } from './intake';
import type { IIntakeOptions } from './intake';
import { useLiveRegion } from './liveRegion';
import { Notice } from './Notice';
import { sizeText } from './quantities';
import { Question } from './Question';
import { SurroundingsContext, messageOf } from './surroundings';
import type { ISurroundings } from './surroundings';
import { TransContext, english } from './trans';
import type { ITrans } from './trans';
import { Transfers } from './Transfers';
import { Welcome } from './Welcome';

export interface IPanelProps extends IIntakeOptions {
  model: IFilesModel;
  host: IHost;
  /** The panel stands in a notebook: as high as its files need, and deaf to the notebook's shortcuts. */
  isInline?: boolean;
  /** JupyterLab's translation; English without. */
  trans?: ITrans;
}

/** From this width on there is room for columns. */
const WIDE_PIXELS = 620;
const FLASH_MILLISECONDS = 2500;

export function Panel(props: IPanelProps): JSX.Element {
  const { model, host, isInline = false, trans = english } = props;
  const snapshot = useSnapshot(model);
  const root = useRef<HTMLDivElement>(null);
  const filter = useRef<HTMLInputElement>(null);
  const isNarrow = useSize(root).width < WIDE_PIXELS;
  const { told, say } = useLiveRegion();
  const { flash, showFlash } = useFlash();
  const [fault, setFault] = useState('');
  const warn = useStable((message: string) => {
    setFault(message);
    say(message);
  });
  const intake = useIntake(model, props, warn, trans);
  useAnnouncements(snapshot, say, trans);

  const surroundings = useMemo<ISurroundings>(
    () => ({
      model,
      host,
      say,
      confirm: text => {
        showFlash(text);
        say(text);
      },
      attempt: work => {
        setFault('');
        work.catch((error: unknown) => warn(messageOf(error)));
      }
    }),
    [model, host, say, showFlash, warn]
  );

  const onKeyDown = (event: KeyboardEvent) => {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === '/' && !isTyping && filter.current) {
      event.preventDefault();
      filter.current.focus();
    }
  };

  const { problem } = snapshot;
  return (
    <TransContext.Provider value={trans}>
      <SurroundingsContext.Provider value={surroundings}>
        <div
          ref={root}
          role="region"
          aria-label={trans.__('Gemini files')}
          className={`jp-gemfiles-Panel${isInline ? ' jp-mod-inline' : ''}${intake.isOver ? ' jp-mod-dropTarget' : ''}`}
          data-layout={isNarrow ? 'narrow' : 'wide'}
          data-lm-suppress-shortcuts={isInline || undefined}
          onKeyDown={onKeyDown}
          {...intake.dropZone}
        >
          <Header snapshot={snapshot} intake={intake} />
          {problem && <Notice kind="warning" message={problem.message} hint={problem.hint} />}
          {fault && <Notice kind="warning" message={fault} onDismiss={() => setFault('')} />}
          {snapshot.isBusy && (
            <Notice kind="busy" message={trans.__('The kernel is busy; what is under way goes on.')} />
          )}
          {intake.asked && (
            <Question
              text={trans._n(
                'Upload %1 file (%2) from %3?',
                'Upload %1 files (%2) from %3?',
                intake.asked.files.length,
                sizeText(intake.asked.files.reduce((sum, file) => sum + file.size, 0)),
                intake.asked.folders.join(', ')
              )}
              yes={trans.__('Upload')}
              no={trans.__('Cancel')}
              onYes={() => intake.answer(true)}
              onNo={() => intake.answer(false)}
            />
          )}
          <Transfers transfers={snapshot.transfers} />
          <Files snapshot={snapshot} isNarrow={isNarrow} flash={flash} filter={filter}>
            <Welcome snapshot={snapshot} intake={intake} />
          </Files>
          <div className="jp-gemfiles-Drop" aria-hidden="true">
            {trans.__('Drop to upload')}
          </div>
          <div className="jp-gemfiles-hidden" role="status" aria-live="polite">
            {told}
          </div>
        </div>
      </SurroundingsContext.Provider>
    </TransContext.Provider>
  );
}

/** A text that is shown for a moment. */
function useFlash(): { flash: string; showFlash: (text: string) => void } {
  const [flash, setFlash] = useState('');
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const showFlash = useStable((text: string) => {
    setFlash(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setFlash(''), FLASH_MILLISECONDS);
  });
  return { flash, showFlash };
}
