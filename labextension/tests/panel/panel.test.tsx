/** What the panel shows in each state, and what mouse and keyboard do there. */

import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';

import { makeFile, makeTransfer, manyFiles } from './memoryModel';
import { NARROW, show } from './page';

const LECTURE = makeFile({ name: 'files/a', label: 'lecture.mp4', variable: 'lecture' });
const SCAN = makeFile({ name: 'files/b', label: 'scan.pdf', mimeType: 'application/pdf', size: 4_200_000 });
const NOTES = makeFile({ name: 'files/c', label: 'notes.txt', mimeType: 'text/plain', size: 12_345 });
const FILES = [LECTURE, SCAN, NOTES];

/** A screen reader is given time to finish what it says. */
const SOON = { timeout: 4000 };

const labels = () => screen.getAllByRole('row').flatMap(row => row.getAttribute('aria-label') ?? []);
const row = (label: string) => screen.getByRole('row', { name: new RegExp(`^${label}`) });

describe('states', () => {
  test('empty, on the offline server: what to do, and that nothing leaves', () => {
    show();

    expect(screen.getByText(/Drop a file here, or/)).toBeTruthy();
    expect(screen.getByText(/runs against the offline server: no key needed/)).toBeTruthy();
    expect(screen.getByText('offline server')).toBeTruthy();
  });

  test('loading', () => {
    show({ isLoading: true });

    expect(screen.getByText('Loading files …')).toBeTruthy();
  });

  test('a problem says what and what to do', () => {
    const problem = { kind: 'key', message: 'The API key is not valid.', hint: 'Set another.' } as const;
    show({ isOffline: false, place: 'generativelanguage.googleapis.com', problem });

    expect(screen.getByText(/The API key is not valid\./)).toBeTruthy();
    expect(screen.getByText(/Set another\./)).toBeTruthy();
  });

  test('a busy kernel', () => {
    const { model } = show({ files: FILES });

    act(() => model.set({ isBusy: true }));

    expect(screen.getByText(/The kernel is busy/)).toBeTruthy();
  });

  test('the storage that is used', () => {
    show({ files: FILES, used: 8_300_000_000 });

    expect(screen.getByText('8.3 GB of 21.5 GB')).toBeTruthy();
  });

  test('a file says its name, type, size, state, time left and variable in one breath', () => {
    show({ files: [LECTURE] });

    expect(labels()).toEqual(['lecture.mp4, video, 412 MB, ready, 31 h left, variable lecture']);
  });

  test('names from outside are text, whatever they hold', () => {
    const label = '<img src=x onerror=alert(1)>\u202Egpj.exe';
    show({ files: [makeFile({ label })] });

    expect(document.querySelector('img')).toBeNull();
    expect(document.body.textContent).not.toContain('\u202E');
  });
});

describe('transfers', () => {
  test('each phase has its words', () => {
    show({
      transfers: [
        makeTransfer({ id: '1', label: 'a', sent: 259_560_000, rate: 18_200_000, eta: 8.4 }),
        makeTransfer({ id: '2', label: 'b', phase: 'processing' }),
        makeTransfer({
          id: '3',
          label: 'c',
          phase: 'paused',
          sent: 206_000_000,
          actions: ['resume', 'cancel']
        }),
        makeTransfer({
          id: '4',
          label: 'd',
          phase: 'failed',
          note: 'too big',
          hint: 'Split it.',
          actions: ['retry']
        }),
        makeTransfer({ id: '5', label: 'e', phase: 'done', variable: 'x', file: 'files/x', actions: [] })
      ]
    });

    const list = screen.getByRole('list', { name: 'Transfers' });
    for (const words of [
      '63 % · 18.2 MB/s · 0:08 left',
      'stopped at 50 %',
      'did not arrive',
      '→ x · files/x',
      'too big',
      'Split it.'
    ]) {
      expect(within(list).getByText(words)).toBeTruthy();
    }
    expect(within(list).getByText(/^uploaded, processing/)).toBeTruthy();
  });

  test.each([
    ['Pause lecture.mp4', 'pause t0'],
    ['Cancel lecture.mp4', 'cancel t0'],
    ['Resume lecture.mp4', 'resume t0'],
    ['Retry lecture.mp4', 'retry t0']
  ])('%s', async (name, call) => {
    const { model, user } = show({
      transfers: [makeTransfer({ actions: ['pause', 'resume', 'cancel', 'retry'] })]
    });

    await user.click(screen.getByRole('button', { name }));

    expect(model.calls).toEqual([call]);
  });

  test('what has ended can be cleared away', async () => {
    const { model, user } = show({ transfers: [makeTransfer({ phase: 'done', actions: [] })] });

    await user.click(screen.getByRole('button', { name: 'Clear' }));

    expect(model.calls).toEqual(['clearEnded']);
    expect(screen.queryByRole('list', { name: 'Transfers' })).toBeNull();
  });

  test('a request that fails is said, and can be dismissed', async () => {
    const { model, user } = show({ transfers: [makeTransfer()] });
    model.fault = 'The server is gone.';

    await user.click(screen.getByRole('button', { name: 'Pause lecture.mp4' }));

    expect((await screen.findAllByText(/The server is gone\./)).length).toBeGreaterThan(0);
  });

  test('a start and an end are announced, percentages are not', async () => {
    const { model } = show();
    const said = () =>
      screen
        .getAllByRole('status')
        .map(status => status.textContent)
        .join('|');

    act(() => model.set({ transfers: [makeTransfer()] }));
    await waitFor(() => expect(said()).toContain('uploading lecture.mp4'), SOON);
    act(() => model.move('t0', { sent: 200_000_000 }));
    expect(said()).not.toContain('%');
    act(() => model.move('t0', { phase: 'done' }));
    await waitFor(() => expect(said()).toContain('lecture.mp4 is there'), SOON);
  });
});

describe('getting files in', () => {
  test('picked ones', async () => {
    const { model, user } = show();

    const input = document.querySelector<HTMLInputElement>('input[type=file]')!;
    await user.upload(input, [new File(['x'], 'a.txt'), new File(['y'], 'b.txt')]);

    expect(model.calls).toEqual(['upload a.txt b.txt']);
  });

  test('dropped ones, with a sign that they may be', async () => {
    const { model } = show();
    const panel = screen.getByRole('region', { name: 'Gemini files' });
    const dataTransfer = { types: ['Files'], files: [new File(['x'], 'a.txt')], items: [] };

    fireEvent.dragEnter(panel, { dataTransfer });
    expect(panel.className).toContain('jp-mod-dropTarget');
    fireEvent.drop(panel, { dataTransfer });

    await waitFor(() => expect(model.calls).toEqual(['upload a.txt']));
    expect(panel.className).not.toContain('jp-mod-dropTarget');
  });

  test('only of the kinds that are wanted', async () => {
    const { model } = show({}, { accept: 'video/*' });
    const panel = screen.getByRole('region', { name: 'Gemini files' });
    const file = new File(['x'], 'a.txt', { type: 'text/plain' });

    fireEvent.drop(panel, { dataTransfer: { types: ['Files'], files: [file], items: [] } });

    expect((await screen.findAllByText(/not taken here: only video/)).length).toBeGreaterThan(0);
    expect(model.calls).toEqual([]);
  });
});

describe('the list', () => {
  test('is filtered by every word that is typed', async () => {
    const { user } = show({ files: FILES });

    await user.type(screen.getByRole('searchbox'), 'pdf sc');

    expect(labels()).toHaveLength(1);
    expect(labels()[0]).toMatch(/^scan\.pdf/);
    await user.click(screen.getByRole('button', { name: 'Clear filter' }));
    expect(labels()).toHaveLength(3);
  });

  test('says so where nothing matches', async () => {
    const { user } = show({ files: FILES });

    await user.type(screen.getByRole('searchbox'), 'zebra');

    expect(screen.getByText('No file matches “zebra”.')).toBeTruthy();
  });

  test('is sorted by a column, the other way at the second click', async () => {
    const { user } = show({ files: FILES });
    const first = () => labels().map(label => label.split(',')[0]);

    await user.click(screen.getByRole('button', { name: /^Name/ }));
    expect(first()).toEqual(['lecture.mp4', 'notes.txt', 'scan.pdf']);
    await user.click(screen.getByRole('button', { name: /^Name/ }));
    expect(first()).toEqual(['scan.pdf', 'notes.txt', 'lecture.mp4']);
  });

  test('makes only the rows in sight of ten thousand', () => {
    show({ files: manyFiles(10_000) });

    expect(labels().length).toBeLessThan(60);
    expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('10001');
  });

  test('has the same rows where it is narrow', () => {
    show({ files: FILES }, { width: NARROW });

    expect(labels()).toHaveLength(3);
    expect(screen.getByRole('combobox')).toBeTruthy();
  });
});

describe('selection and what is done with it', () => {
  test('deletes what is selected once it is confirmed', async () => {
    const { model, user } = show({ files: FILES });

    await user.click(row('lecture'));
    await user.keyboard('{Control>}');
    await user.click(row('scan'));
    await user.keyboard('{/Control}');
    expect(screen.getByText('2 selected · 416 MB')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: /^Delete/ }));
    expect(model.calls).toEqual([]);
    await user.click(within(screen.getByRole('alertdialog')).getByRole('button', { name: 'Delete' }));

    await waitFor(() => expect(labels()).toHaveLength(1));
    expect(model.calls.map(call => call.split(' ').sort())).toEqual([['files/a', 'files/b', 'remove']]);
  });

  test('keeps it where the answer is no', async () => {
    const { model, user } = show({ files: FILES });

    await user.click(row('lecture'));
    await user.keyboard('{Delete}');
    await user.click(within(screen.getByRole('alertdialog')).getByRole('button', { name: 'Keep' }));

    expect(model.calls).toEqual([]);
    expect(screen.queryByRole('alertdialog')).toBeNull();
  });

  test('what the filter hides is not deleted', async () => {
    const { model, user } = show({ files: FILES });

    await user.click(screen.getByRole('checkbox', { name: 'Select all' }));
    await user.type(screen.getByRole('searchbox'), 'scan');
    await user.click(screen.getByRole('button', { name: /^Delete/ }));
    await user.click(within(screen.getByRole('alertdialog')).getByRole('button', { name: 'Delete' }));

    await waitFor(() => expect(model.calls).toEqual(['remove files/b']));
  });

  test('the keyboard alone: go, select, open the menu, leave', async () => {
    const { user } = show({ files: FILES });

    act(() => screen.getByRole('grid').focus());
    await user.keyboard('{Home}{ArrowDown}{Shift>}{ArrowDown}{/Shift}');
    expect(screen.getByText(/^2 selected/)).toBeTruthy();
    await user.keyboard('{Enter}');
    expect(screen.getByRole('menu')).toBeTruthy();
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole('grid'));
    await user.keyboard('{Control>}a{/Control}');
    expect(screen.getByText(/^3 selected/)).toBeTruthy();
    await user.keyboard('{Escape}');
    expect(screen.getByText(/^3 files/)).toBeTruthy();
    await user.keyboard('/');
    expect(document.activeElement).toBe(screen.getByRole('searchbox'));
  });

  test('insert and copy, as far as the surroundings can', async () => {
    const { model, user } = show({ files: [LECTURE] });

    await user.click(row('lecture'));
    for (const name of [/variable/i, /prompt/i, /code/i, /copy/i]) {
      const bar = document.querySelector<HTMLElement>('.jp-gemfiles-FileBar-actions')!;
      await user.click(within(bar).getByRole('button', { name }));
    }

    expect(model.calls).toEqual([
      'insertVariables files/a',
      'insertPrompt files/a',
      'insertCode files/a',
      `copy ${LECTURE.uri}`
    ]);
  });

  test('a variable is renamed in its row; what is no name is said there', async () => {
    const { model, user } = show({ files: [SCAN] });

    act(() => screen.getByRole('grid').focus());
    await user.keyboard('{Home}{F2}');
    const input = screen.getByRole('textbox', { name: 'Variable of scan.pdf' });
    model.fault = "'1x' can't be the name of a variable.";
    await user.clear(input);
    await user.type(input, 'talk{Enter}');
    expect((await screen.findAllByText(/can't be the name/)).length).toBeGreaterThan(0);
    await user.type(screen.getByRole('textbox', { name: 'Variable of scan.pdf' }), '{Enter}');

    await waitFor(() => expect(model.calls.at(-1)).toBe('setVariable files/b talk'));
    await waitFor(() => expect(labels()[0]).toContain('variable talk'));
  });
});
