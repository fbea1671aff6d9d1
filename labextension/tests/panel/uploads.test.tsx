/** Many transfers, folders, dragging out, renewing, and the upload button of forms. */

import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type { ITransfer } from '../../src/model';
import { UploadButton } from '../../src/panel';
import { MemoryModel, makeFile, makeTransfer } from './memoryModel';
import { show } from './page';

afterEach(() => jest.useRealTimers());

const HOUR = 3_600_000;
const from = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString();

const numbered = (count: number, change: (index: number) => Partial<ITransfer>) =>
  Array.from({ length: count }, (_, index) =>
    makeTransfer({ id: `t${index}`, label: `clip-${index}.mp4`, ...change(index) })
  );
const transferLabels = () =>
  Array.from(document.querySelectorAll('.jp-gemfiles-Transfer .jp-gemfiles-Label'), item => item.textContent);

describe('many transfers', () => {
  const QUEUED = { phase: 'queued', actions: ['cancel'] } as const;
  const change = (index: number): Partial<ITransfer> =>
    index === 150 ? { phase: 'failed', note: 'gone' } : index > 196 ? {} : QUEUED;

  test('what moves and what failed is in front of what waits', () => {
    show({ transfers: numbered(200, change) });

    expect(transferLabels().slice(0, 4)).toEqual([197, 198, 199, 150].map(index => `clip-${index}.mp4`));
    expect(transferLabels()).toHaveLength(8);
    expect(screen.getByText(/^200 files · 3 uploading · 1 failed/)).toBeTruthy();
  });

  test('all are a click away, in the order they have', async () => {
    const { user } = show({ transfers: numbered(20, () => QUEUED) });

    await user.click(screen.getByRole('button', { name: 'Show 12 more' }));
    expect(transferLabels()).toEqual(numbered(20, () => ({})).map(item => item.label));
    await user.click(screen.getByRole('button', { name: 'Show fewer' }));
    expect(transferLabels()).toHaveLength(8);
  });

  test('one button does it to all that can', async () => {
    const { model, user } = show({ transfers: numbered(3, index => (index ? {} : QUEUED)) });

    await user.click(screen.getByRole('button', { name: 'Pause all' }));

    expect(model.calls).toEqual(['pause t1', 'pause t2']);
  });

  test('how long it has been processed is counted, if the beginning was seen', () => {
    jest.useFakeTimers();
    const { model } = show({ transfers: numbered(2, index => (index ? {} : { phase: 'processing' })) });

    act(() => model.move('t1', { phase: 'processing' }));
    act(() => void jest.advanceTimersByTime(5000));
    act(() => model.move('t1', { note: 'still' }));

    expect(screen.getByText('uploaded, processing')).toBeTruthy();
    expect(screen.getByText('uploaded, processing 0:05')).toBeTruthy();
  });
});

describe('a folder', () => {
  const drop = (names: string[]) => {
    const children = names.map(name => ({
      name,
      isDirectory: false,
      file: (done: (file: File) => void) => done(new File(['x'], name))
    }));
    const readEntries = (done: (some: object[]) => void) => done(children.splice(0));
    const folder = { name: 'clips', isDirectory: true, createReader: () => ({ readEntries }) };
    const dataTransfer = { types: ['Files'], files: [], items: [{ webkitGetAsEntry: () => folder }] };
    fireEvent.drop(screen.getByRole('region', { name: 'Gemini files' }), { dataTransfer });
  };

  test('is asked about, then sent', async () => {
    const { model, user } = show();

    drop(['a.mp4', 'b.mp4']);
    expect(await screen.findByText('Upload 2 files (2 B) from clips?')).toBeTruthy();
    expect(model.calls).toEqual([]);
    await user.keyboard('{Enter}');

    expect(model.calls).toEqual(['upload a.mp4 b.mp4']);
  });

  test('stays where it is if the answer is no', async () => {
    const { model, user } = show();

    drop(['a.mp4']);
    await screen.findByRole('alertdialog');
    await user.keyboard('{Escape}');

    expect(screen.queryByRole('alertdialog')).toBeNull();
    expect(model.calls).toEqual([]);
  });
});

describe('one at a time', () => {
  test('the first of several is taken, and that is said', async () => {
    const { model } = show({}, { multiple: false });
    const files = [new File(['x'], 'a.txt'), new File(['y'], 'b.txt')];

    fireEvent.drop(screen.getByRole('region', { name: 'Gemini files' }), {
      dataTransfer: { types: ['Files'], files, items: [] }
    });

    expect(await screen.findByText(/only a.txt is uploaded/)).toBeTruthy();
    expect(model.calls).toEqual(['upload a.txt']);
  });
});

describe('a row', () => {
  const FILES = ['a', 'b', 'c'].map(id => makeFile({ name: `files/${id}`, label: `${id}.mp4` }));
  const row = (label: string) => screen.getByRole('row', { name: new RegExp(`^${label}`) });
  const dragged = (label: string) => {
    fireEvent.mouseDown(row(label), { button: 0, clientX: 10, clientY: 10 });
    fireEvent.mouseMove(window, { clientX: 12, clientY: 11 });
    fireEvent.mouseMove(window, { clientX: 40, clientY: 10 });
    fireEvent.mouseUp(window);
    fireEvent.click(row(label));
  };

  test('is dragged out, with the others that are selected; the click that ends it selects nothing', async () => {
    const startDrag = jest.fn();
    const host = { copy: async () => undefined, startDrag };
    const { user } = show({ files: FILES }, { host });

    dragged('a');
    expect(startDrag.mock.calls[0][0]).toEqual([FILES[0]]);
    expect(row('a').getAttribute('aria-selected')).toBe('false');
    await user.click(row('a'));
    await user.keyboard('{Shift>}{ArrowDown}{/Shift}');
    dragged('b');

    expect(startDrag.mock.calls[1][0]).toEqual(FILES.slice(0, 2));
  });

  test('what is selected is told to the surroundings once', async () => {
    const onSelect = jest.fn();
    const { model, user } = show({ files: FILES }, { host: { copy: async () => undefined, onSelect } });

    await user.click(row('b'));
    act(() => model.set({ used: 5 }));

    expect(onSelect.mock.calls).toEqual([[['files/b']]]);
  });

  test('a file that ends soon and whose source is known can be sent again', async () => {
    const soon = makeFile({ name: 'files/s', label: 'soon.mp4', expires: from(2) });
    const { model, user } = show({ files: [soon, makeFile({ name: 'files/l', label: 'later.mp4' })] });

    await user.click(row('later'));
    expect(screen.queryByRole('button', { name: /Send again/ })).toBeNull();
    await user.click(row('soon'));
    await user.click(screen.getByRole('button', { name: 'Send again from its source' }));

    expect(model.calls).toEqual(['renew files/s']);
  });

  test('time left is counted by the service, and runs', () => {
    jest.useFakeTimers();
    show({ files: [makeFile({ expires: from(1) })], clockSkew: HOUR / 2 });
    const left = () => document.querySelector('.jp-gemfiles-Cell-left:not([role=columnheader])')!.textContent;
    expect(left()).toBe('30 min');

    act(() => void jest.advanceTimersByTime(HOUR / 6));
    expect(left()).toBe('20 min');
    act(() => void jest.advanceTimersByTime(HOUR));

    expect(screen.getByText('expired')).toBeTruthy();
  });

  test('the keyboard stays where a deleted file was', async () => {
    const { user } = show({ files: FILES });

    await user.click(row('b'));
    await user.keyboard('{Delete}{Enter}');
    await waitFor(() => expect(screen.queryByRole('row', { name: /^b/ })).toBeNull());

    const active = screen.getByRole('grid').getAttribute('aria-activedescendant')!;
    expect(document.getElementById(active)!.getAttribute('aria-label')).toMatch(/^c/);
  });
});

describe('the upload button', () => {
  test('uploads what is picked, and says how far it is', async () => {
    const model = new MemoryModel();
    render(<UploadButton model={model} label="Add a talk" accept=".txt" />);
    expect(screen.queryByRole('progressbar')).toBeNull();

    const input = document.querySelector<HTMLInputElement>('input[type=file]')!;
    await userEvent.upload(input, new File(['0123456789'], 'a.txt'));
    act(() => model.move('t1', { phase: 'uploading', sent: 6 }));

    expect(model.calls).toEqual(['upload a.txt']);
    expect(screen.getByRole('progressbar', { name: 'Add a talk' }).getAttribute('aria-valuenow')).toBe('60');
    expect(screen.getByText('a.txt · 60 %')).toBeTruthy();
  });

  test('cancels, and says what failed and what to do', async () => {
    const failed = makeTransfer({
      id: 'f',
      label: 'b.pdf',
      phase: 'failed',
      note: 'too big',
      hint: 'Split it.'
    });
    const model = new MemoryModel({ transfers: [makeTransfer(), { ...failed, actions: ['retry'] }] });
    render(<UploadButton model={model} />);

    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));

    expect(model.calls).toEqual(['cancel t0']);
    expect(screen.getByText('b.pdf: too big')).toBeTruthy();
    expect(screen.getByText('Split it.')).toBeTruthy();
  });

  test('takes nothing while it is disabled', () => {
    const model = new MemoryModel();
    const { container } = render(<UploadButton model={model} isDisabled />);

    const dataTransfer = { types: ['Files'], files: [new File(['x'], 'a.txt')], items: [] };
    const isLeftToTheBrowser = fireEvent.drop(container.firstElementChild!, { dataTransfer });

    expect(isLeftToTheBrowser).toBe(true);
    expect(screen.getByRole('button', { name: 'Upload' })).toHaveProperty('disabled', true);
    expect(model.calls).toEqual([]);
  });
});
