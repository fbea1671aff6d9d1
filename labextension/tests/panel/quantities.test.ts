/** The same cases as tests/views/test_quantities.py: both sides say the same. */

import {
  clockText,
  lifetimeText,
  momentText,
  rateText,
  shareText,
  sizeText
} from '../../src/panel/quantities';

const HOUR = 3600;

test.each([
  [null, '? B'],
  [0, '0 B'],
  [1, '1 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [1234, '1.2 kB'],
  [99_949, '99.9 kB'],
  [99_950, '100 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [4_200_000, '4.2 MB'],
  [412_000_000, '412 MB'],
  [999_999_999, '1.0 GB'],
  [2 * 1024 ** 3, '2.1 GB'],
  [20 * 1024 ** 3, '21.5 GB'],
  [1_500_000_000_000, '1.5 TB'],
  [9_999_000_000_000_000, '9999 TB']
])('%p bytes are %p', (count, text) => {
  expect(sizeText(count)).toBe(text);
});

test.each([
  [null, ''],
  [0, '0 B/s'],
  [18_200_000, '18.2 MB/s']
])('%p bytes a second are %p', (rate, text) => {
  expect(rateText(rate)).toBe(text);
});

test.each([
  [null, ''],
  [-5, '0:00'],
  [0.4, '0:00'],
  [37, '0:37'],
  [59.6, '1:00'],
  [725, '12:05'],
  [3599.7, '1:00:00'],
  [3723, '1:02:03'],
  [360_000, '100:00:00']
])('%p seconds take %p', (seconds, text) => {
  expect(clockText(seconds)).toBe(text);
});

test.each([
  [null, ''],
  [-HOUR, 'expired'],
  [0, 'expired'],
  [1, '1 min'],
  [12 * 60, '12 min'],
  [89 * 60, '89 min'],
  [90 * 60, '2 h'],
  [31 * HOUR + 600, '31 h'],
  [48 * HOUR, '48 h']
])('with %p seconds to live it is %p', (seconds, text) => {
  expect(lifetimeText(seconds)).toBe(text);
});

test('moments are in UTC, and shares whole', () => {
  expect(momentText(Date.parse('2026-11-23T23:05:00+02:00'))).toBe('2026-11-23 21:05 UTC');
  expect(momentText(null)).toBe('');
  expect(shareText(0.631)).toBe('63 %');
});
