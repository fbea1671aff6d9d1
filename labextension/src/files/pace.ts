/** How fast bytes went in the last seconds. */

const WINDOW_MS = 10_000;

export class Pace {
  /** Note that so many bytes are over, at a time in milliseconds. */
  note(sent: number, at: number): void {
    const last = this._marks[this._marks.length - 1];
    if (last && sent < last.sent) {
      this._marks = []; // some are sent again: what was before says nothing
    }
    this._marks.push({ sent, at });
    while (this._marks.length > 2 && at - this._marks[0].at > WINDOW_MS) {
      this._marks.shift();
    }
  }

  /** Bytes a second; null while there is nothing to measure. */
  get rate(): number | null {
    const [first, last] = [this._marks[0], this._marks[this._marks.length - 1]];
    return first && last.at > first.at && last.sent > first.sent
      ? ((last.sent - first.sent) * 1000) / (last.at - first.at)
      : null;
  }

  private _marks: { sent: number; at: number }[] = [];
}
