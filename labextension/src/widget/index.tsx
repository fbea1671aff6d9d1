/** The panel in an output of a notebook: the sidebar's components and model, with the kernel on the other side. */

import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import { createRoot } from 'react-dom/client';

import { Api } from '../files/api';
import { RestModel } from '../files/model';
import { browserPage } from '../files/page';
import { Panel, UploadButton, english } from '../panel';
import type { IFilesModel, IHost, IUploads } from '../model';
import styles from '../../lib/panel.css'; // built before
import { KernelChannel } from './channel';
import { widgetHost } from './host';
import { OwnModel } from './ownModel';
import type { IHome, IWidgetModel } from './widget';

/** What a message between a page and a kernel may hold. */
const SLICE_BYTES = 1024 * 1024;
/** While the kernel writes one, the next is on its way. */
const SLICES_AT_ONCE = 2;

export function open(model: IWidgetModel): IHome {
  const channel = new KernelChannel(model);
  const api = new Api(channel.request, english, SLICE_BYTES, SLICES_AT_ONCE);
  const page = { ...browserPage(), storage: forgetful() };
  const files = new RestModel({ api, events: channel.events, kernel: channel, page, trans: english });
  const own = new OwnModel(files);
  return {
    show: element => {
      addStyles(element.ownerDocument);
      const root = createRoot(element);
      if (model.get('_kind') === 'button') {
        root.render(<ButtonHome model={model} files={own} />);
      } else {
        const select = (names: readonly string[]) => channel.tell({ kind: 'select', names });
        root.render(<PanelHome model={model} files={files} host={widgetHost(element, files, select)} />);
      }
      return () => root.unmount();
    },
    dispose: () => {
      files.dispose();
      channel.dispose();
    }
  };
}

function PanelHome(props: { model: IWidgetModel; files: IFilesModel; host: IHost }): JSX.Element {
  const { model, files, host } = props;
  const accept = useTrait<string>(model, 'accept');
  const multiple = useTrait<boolean>(model, 'multiple');
  return <Panel model={files} host={host} accept={accept} multiple={multiple} isInline />;
}

function ButtonHome({ model, files }: { model: IWidgetModel; files: IUploads }): JSX.Element {
  return (
    <UploadButton
      model={files}
      accept={useTrait<string>(model, 'accept')}
      multiple={useTrait<boolean>(model, 'multiple')}
      label={useTrait<string>(model, 'description')}
      isDisabled={useTrait<boolean>(model, 'disabled')}
    />
  );
}

/** A trait of the widget, as it is now. */
function useTrait<T>(model: IWidgetModel, name: string): T {
  const [value, setValue] = useState(() => model.get(name) as T);
  useEffect(() => {
    const follow = () => setValue(model.get(name) as T);
    model.on(`change:${name}`, follow);
    return () => model.off(`change:${name}`, follow);
  }, [model, name]);
  return value;
}

function addStyles(page: Document): void {
  const id = 'jp-gemfiles-styles';
  if (!page.getElementById(id)) {
    const sheet = page.createElement('style');
    sheet.id = id;
    sheet.textContent = styles;
    page.head.append(sheet);
  }
}

/** Uploads to a kernel go on while the page lives: a kernel that was restarted does not know them any more. */
function forgetful(): ReturnType<typeof browserPage>['storage'] {
  const kept = new Map<string, string>();
  return {
    getItem: key => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: key => void kept.delete(key)
  };
}
