/** Sizes, durations and times in the words and units of the Python side (`views/quantities.py`). */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in decimal units: `0 B`, `4.2 MB`, `412 MB`. */
export function sizeText(count: number | null): string {
  if (count === null) {
    return '? B';
  }
  for (const unit of UNITS) {
    const digits = unit === 'B' || count >= 99.95 ? 0 : 1;
    const rounded = roundToEven(count, digits);
    if (rounded < 1000 || unit === UNITS[UNITS.length - 1]) {
      return `${rounded.toFixed(digits)} ${unit}`;
    }
    count /= 1000;
  }
  throw new Error('the last unit takes everything');
}

/** `18.2 MB/s`; nothing while there is nothing to measure. */
export function rateText(bytesPerSecond: number | null): string {
  return bytesPerSecond === null ? '' : `${sizeText(bytesPerSecond)}/s`;
}

/** `0:37`, `12:05` or `1:02:03`. */
export function clockText(seconds: number | null): string {
  if (seconds === null) {
    return '';
  }
  const whole = Math.max(0, roundToEven(seconds, 0));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** `2026-11-23 21:05 UTC`. */
export function momentText(milliseconds: number | null): string {
  if (milliseconds === null) {
    return '';
  }
  const [day, time] = new Date(milliseconds).toISOString().split('T');
  return `${day} ${time.slice(0, 5)} UTC`;
}

/** `31 h`, `12 min` or `expired`. */
export function lifetimeText(seconds: number | null): string {
  if (seconds === null) {
    return '';
  }
  return seconds <= 0 ? 'expired' : spanText(seconds);
}

/** How long something takes or is ago: `31 h`, `12 min`. */
export function spanText(seconds: number): string {
  return seconds < 5400
    ? `${Math.max(1, roundToEven(seconds / 60, 0))} min`
    : `${roundToEven(seconds / 3600, 0)} h`;
}

/** `63 %`. */
export function shareText(share: number): string {
  return `${roundToEven(share * 100, 0)} %`;
}

const two = (count: number): string => String(count).padStart(2, '0');

/** Round as Python does: what lies exactly between two goes to the even one. */
function roundToEven(value: number, digits: 0 | 1): number {
  const rest = Math.abs(value % 1);
  if (digits === 0) {
    return rest === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);
  }
  return rest === 0.25 ? Math.trunc(value) + Math.sign(value) * 0.2 : Number(value.toFixed(1));
}
