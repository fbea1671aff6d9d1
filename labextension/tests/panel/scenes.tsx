/** The panel in a page of its own, in every state: `?scene=NAME`; for looking at it, and for axe. */

import { createRoot } from 'react-dom/client';

import type { IHost, ISnapshot } from '../../src/model';
import { Panel, UploadButton } from '../../src/panel';
import { MemoryModel, makeFile, makeTransfer, manyFiles } from './memoryModel';

const HOUR = 3_600_000;
const SERVICE = { isOffline: false, place: 'generativelanguage.googleapis.com' };

const at = (hours: number): string => new Date(Date.now() + hours * HOUR).toISOString();

const FILES = [
  makeFile({ name: 'files/a1', variable: 'lecture', created: at(-1.2), expires: at(46.8) }),
  makeFile({
    name: 'files/a2',
    label: 'A very long name of a recording of the second session in Zürich (final, really).wav',
    mimeType: 'audio/wav',
    size: 61_400_000,
    variable: 'second_session_of_the_workshop'
  }),
  makeFile({ name: 'files/a3', label: 'figure-3.png', mimeType: 'image/png', size: 834_000 }),
  makeFile({ name: 'files/a4', label: 'scan.pdf', mimeType: 'application/pdf', expires: at(3) }),
  makeFile({ name: 'files/a5', label: 'table.csv', mimeType: 'text/csv', size: 12_345, expires: at(0.2) }),
  makeFile({ name: 'files/a6', label: 'clip.mov', state: 'PROCESSING', created: at(-0.05) }),
  makeFile({ name: 'files/a7', label: 'broken.mp4', state: 'FAILED', error: 'the video has no frames' }),
  makeFile({ name: 'files/a8', label: 'old talk.mp3', mimeType: 'audio/mpeg', state: 'EXPIRED' }),
  makeFile({ name: 'files/a9', label: 'weights.bin', mimeType: '', size: null, created: '', expires: '' })
];

const TRANSFERS = [
  makeTransfer({ id: 't1', label: 'keynote.mp4', sent: 259_000_000, rate: 18_200_000, eta: 8.4 }),
  makeTransfer({
    id: 't2',
    label: 'interview.wav',
    sent: 412_000_000,
    phase: 'processing',
    actions: ['cancel']
  }),
  makeTransfer({ id: 't3', label: 'poster.png', phase: 'queued', actions: ['cancel'] }),
  makeTransfer({ id: 't4', label: 'notes.txt', sent: 2e8, phase: 'paused', actions: ['resume', 'cancel'] }),
  makeTransfer({
    id: 't5',
    label: 'scan.pdf',
    phase: 'failed',
    note: 'too big',
    hint: 'Split it.',
    actions: ['retry']
  }),
  makeTransfer({
    id: 't6',
    label: 'talk.mp4',
    phase: 'done',
    variable: 'talk',
    file: 'files/ab12',
    actions: []
  })
];

/** Most of them wait. */
const BATCH = Array.from({ length: 200 }, (_, index) =>
  makeTransfer({ id: `b${index}`, label: `clip-${index}.mp4`, phase: index > 195 ? 'uploading' : 'queued' })
);

const SCENES: Record<string, Partial<ISnapshot>> = {
  empty: {},
  loading: { isLoading: true },
  problem: {
    ...SERVICE,
    problem: { kind: 'key', message: 'The API key is not valid.', hint: 'Set a valid one in GOOGLE_API_KEY.' }
  },
  full: { ...SERVICE, files: FILES, transfers: TRANSFERS, used: 8_300_000_000 },
  busy: { files: FILES.slice(0, 3), transfers: TRANSFERS.slice(0, 2), isBusy: true, used: 21_000_000_000 },
  batch: { files: FILES, transfers: BATCH },
  button: { transfers: TRANSFERS },
  many: {}
};

const scene = new URLSearchParams(location.search).get('scene') ?? 'full';
const model = new MemoryModel(SCENES[scene]);
const host: IHost = {
  copy: async text => {
    model.calls.push(`copy ${text}`);
  },
  insertVariables: files => model.calls.push(`insert ${files.map(file => file.name).join(' ')}`),
  insertPrompt: () => undefined,
  insertCode: async () => undefined
};
createRoot(document.getElementById('home')!).render(
  scene === 'button' ? <UploadButton model={model} /> : <Panel model={model} host={host} />
);

/** What the tests drive the page with. */
Object.assign(window, { model, tenThousand: manyFiles(10_000) });
