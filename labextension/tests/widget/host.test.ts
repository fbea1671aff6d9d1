/** What a notebook can do with files of the panel, with JupyterLab around it and without. */

import { HOST_EVENT, type IHostRequest } from '../../src/files/pageHost';
import type { IHost } from '../../src/model';
import { widgetHost } from '../../src/widget/host';
import { MemoryModel, makeFile } from '../panel/memoryModel';

const FILE = makeFile({ name: 'files/a', suggestion: 'My_talk' });

function made(): IHost {
  return widgetHost(document.body, new MemoryModel(), () => undefined);
}

test('without JupyterLab nothing is inserted, and a prompt cell is copied', async () => {
  const copied: string[] = [];
  Object.assign(navigator, { clipboard: { writeText: async (text: string) => void copied.push(text) } });
  const host = made();

  await host.copyPrompt!([FILE]);

  expect(host.insertPrompt).toBeUndefined();
  expect(copied[0]).toContain('My_talk = gf.get_file("files/a")');
  expect(copied[0]).toContain('%%gemprompt\nSummarise {My_talk}.');
});

test('with JupyterLab its own host inserts, and nothing is offered to be copied in its place', () => {
  const inserted: string[] = [];
  const lab: IHost = {
    copy: async () => undefined,
    insertPrompt: files => void inserted.push(...files.map(file => file.name))
  };
  const answer = (event: Event) => {
    (event as CustomEvent<IHostRequest>).detail.host = lab;
  };
  document.addEventListener(HOST_EVENT, answer);
  const host = made();

  host.insertPrompt!([FILE]);

  expect(inserted).toEqual(['files/a']);
  expect(host.copyPrompt).toBeUndefined();
  document.removeEventListener(HOST_EVENT, answer);
});
