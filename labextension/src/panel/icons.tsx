/** The panel's drawings: 16 by 16, one stroke, the colour of the text beside them. */

import type { JSX } from 'react';

const PATHS = {
  video: 'M2.5 3.5h11v9h-11z M6.5 6l3.5 2-3.5 2z',
  audio:
    'M6 12V3.5l7-1.5v8.5 M6 12a1.8 1.8 0 1 1-3.6 0A1.8 1.8 0 0 1 6 12z M13 10.5a1.8 1.8 0 1 1-3.6 0 1.8 1.8 0 0 1 3.6 0z',
  image: 'M2.5 3h11v10h-11z M2.5 11l3-3 2.5 2.5L10.5 8l3 3 M5.8 5.9h.01',
  pdf: 'M4 1.5h5.5L12.5 4.5v10h-8.5z M9.5 1.5v3h3 M6 8h4.5 M6 10h4.5 M6 12h2.5',
  text: 'M4 1.5h5.5L12.5 4.5v10h-8.5z M9.5 1.5v3h3 M7 8L5.7 9.7 7 11.4 M9.5 8l1.3 1.7-1.3 1.7',
  other: 'M4 1.5h5.5L12.5 4.5v10h-8.5z M9.5 1.5v3h3',
  upload: 'M8 10.5V2.5 M4.8 5.5L8 2.3l3.2 3.2 M2.5 10.5v3h11v-3',
  refresh: 'M13 8a5 5 0 1 1-1.5-3.6 M13 1.8v3h-3',
  pause: 'M5.5 3.5v9 M10.5 3.5v9',
  resume: 'M5 3l7.5 5L5 13z',
  retry: 'M3 8a5 5 0 1 0 1.5-3.6 M3 1.8v3h3',
  cancel: 'M4 4l8 8 M12 4l-8 8',
  check: 'M3 8.5l3.2 3.2L13 4.5',
  cross: 'M4.5 4.5l7 7 M11.5 4.5l-7 7',
  more: 'M8 3.5h.01 M8 8h.01 M8 12.5h.01',
  copy: 'M5.5 5.5h8v8h-8z M10.5 5.5v-3h-8v8h3',
  variables:
    'M5.5 2.5C3 2.5 5 7 2.5 8 5 9 3 13.5 5.5 13.5 M10.5 2.5C13 2.5 11 7 13.5 8 11 9 13 13.5 10.5 13.5',
  prompt: 'M2.5 3h11v7.5h-6L4.5 13v-2.5h-2z',
  code: 'M5.5 4L2 8l3.5 4 M10.5 4L14 8l-3.5 4',
  rename: 'M3 13l.6-2.8L10.5 3.3l2.2 2.2-6.9 6.9z',
  renew: 'M13 8a5 5 0 1 1-1.5-3.6 M13 1.8v3h-3 M8 5.5V8.3l1.8 1',
  delete: 'M2.5 4.5h11 M6 4.5v-2h4v2 M4 4.5l.7 9h6.6l.7-9 M6.7 7v4 M9.3 7v4',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z M8 7.3V11 M8 5h.01',
  warning: 'M8 2.3L14.3 13.3H1.7z M8 6.5v3.3 M8 11.7h.01',
  busy: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z M8 4.8V8l2.3 1.5',
  up: 'M4.5 9.5L8 6l3.5 3.5',
  down: 'M4.5 6.5L8 10l3.5-3.5',
  filter: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9z M10.3 10.3l3.2 3.2'
} as const;

export type IconName = keyof typeof PATHS;

/** Always beside a text, or inside of something that has a name: nothing to be read out. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg className="jp-gemfiles-Icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export type FileKind = 'video' | 'audio' | 'image' | 'pdf' | 'text' | 'other';

const TEXTS = /^text\/|json|xml|javascript|yaml|toml|python|x-ipynb|x-sh/;

/** What a file is, as far as an icon goes. */
export function kindOf(mimeType: string): FileKind {
  const type = mimeType.toLowerCase();
  for (const kind of ['video', 'audio', 'image'] as const) {
    if (type.startsWith(`${kind}/`)) {
      return kind;
    }
  }
  return type === 'application/pdf' ? 'pdf' : TEXTS.test(type) ? 'text' : 'other';
}
