/** @jest-environment node */

import { Batch } from '../../src/lab/batch';
import { english } from '../../src/panel/trans';
import { transfer } from './fakeServer';

/** What is said of a batch of these. */
function reportOf(...transfers: ReturnType<typeof transfer>[]) {
  const batch = new Batch();
  transfers.forEach(item => batch.add(item.id));
  return batch.report([...transfers, transfer('of-another')], english);
}

test('one file is told of by its name', () => {
  expect(reportOf(transfer('a'))).toEqual({
    type: 'in-progress',
    message: 'Uploading a.txt to Gemini',
    progress: 0.5
  });
  expect(reportOf(transfer('a', { phase: 'done' }))).toMatchObject({
    type: 'success',
    message: 'a.txt is ready for prompts'
  });
});

test('several are told of as one', () => {
  const done = transfer('b', { phase: 'done' });

  expect(reportOf(transfer('a'), done)).toMatchObject({ type: 'in-progress', progress: 0.75 });
  expect(reportOf(done, { ...done, id: 'c' })).toMatchObject({ message: '2 files are ready for prompts' });
});

test('a failure says why', () => {
  const failed = transfer('a', { phase: 'failed', note: 'It is too big.', hint: 'Split it.' });

  expect(reportOf(failed)).toMatchObject({ type: 'error', message: 'a.txt: It is too big. Split it.' });
  expect(reportOf(failed, transfer('b', { phase: 'done' }))).toMatchObject({
    type: 'warning',
    message: '1 of 2 files failed. a.txt: It is too big. Split it.'
  });
});

test('of what was cancelled nothing is said', () => {
  expect(reportOf(transfer('a', { phase: 'cancelled' }))).toBeNull();
});
