/** The panel in a page of jsdom, which lays nothing out: sizes are given here. */

import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type { IHost, ISnapshot } from '../../src/model';
import { Panel } from '../../src/panel';
import type { IPanelProps } from '../../src/panel/Panel';
import { MemoryModel } from './memoryModel';

export const WIDE = 900;
export const NARROW = 260;

export interface IPage {
  readonly model: MemoryModel;
  readonly user: ReturnType<typeof userEvent.setup>;
  readonly host: IHost;
}

/** Show the panel; what the host was asked to do is in `model.calls`, too. */
export function show(
  snapshot: Partial<ISnapshot> = {},
  options: Partial<IPanelProps> & { width?: number } = {}
): IPage {
  const { width = WIDE, ...props } = options;
  globalThis.ResizeObserver = class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  };
  jest.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(width);
  jest.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(400);
  const model = new MemoryModel(snapshot);
  const note = (what: string) => async (files: readonly { name: string }[]) => {
    model.calls.push(`${what} ${files.map(file => file.name).join(' ')}`);
  };
  const host: IHost = {
    insertVariables: note('insertVariables'),
    insertPrompt: note('insertPrompt'),
    insertCode: note('insertCode'),
    copy: async text => {
      model.calls.push(`copy ${text}`);
    }
  };
  const user = userEvent.setup();
  render(<Panel model={model} host={host} {...props} />);
  return { model, user, host };
}
