/**
 * All that a notebook's state carries of the panel: it asks the kernel for the rest, once a page and build.
 */

import type { ICode, IHome, IMessage, IWidgetModel } from './widget';

const codes = ((globalThis as { gemfilesCodes?: Map<string, ICode> }).gemfilesCodes ??= new Map());
const homes = new Map<string, Promise<IHome>>();

async function open(model: IWidgetModel): Promise<IHome> {
  const build = model.get('_code') as string;
  const code = codes.get(build) ?? (await ask(model));
  codes.set(build, code);
  return code.open(model);
}

function ask(model: IWidgetModel): Promise<ICode> {
  return new Promise(resolve => {
    const take = ({ kind }: IMessage, buffers: readonly DataView[]) => {
      if (kind === 'code') {
        model.off('msg:custom', take);
        const blob = new Blob([buffers[0] as DataView<ArrayBuffer>], { type: 'text/javascript' });
        resolve(import(URL.createObjectURL(blob)) as Promise<ICode>);
      }
    };
    model.on('msg:custom', take);
    model.send({ kind: 'code' });
  });
}

export default {
  initialize({ model }: { model: IWidgetModel }): () => void {
    const key = model.get('_key') as string;
    const home = open(model);
    homes.set(key, home);
    return () => void home.then(it => it.dispose());
  },
  async render({ model, el }: { model: IWidgetModel; el: HTMLElement }): Promise<() => void> {
    el.textContent = 'Gemini files: waiting for the kernel. If it was restarted, run this cell again.';
    const home = await homes.get(model.get('_key') as string)!;
    el.textContent = '';
    return home.show(el);
  }
};
