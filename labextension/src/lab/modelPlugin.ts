/** The model that all other plugins share. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Api } from '../files/api';
import { RestModel } from '../files/model';
import { browserPage } from '../files/page';
import { IGemfilesModel, TRANSLATION_DOMAIN } from './tokens';

export const modelPlugin: JupyterFrontEndPlugin<RestModel> = {
  id: 'gemfiles-jupyter:model',
  description: 'Knows the files stored with Gemini and the transfers of this Jupyter server.',
  autoStart: true,
  optional: [ITranslator],
  provides: IGemfilesModel,
  activate: (app: JupyterFrontEnd, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    const { serverSettings, events } = app.serviceManager;
    const request = (path: string, init: RequestInit) =>
      ServerConnection.makeRequest(
        URLExt.join(serverSettings.baseUrl, 'gemfiles/api', path),
        init,
        serverSettings
      );
    return new RestModel({ api: new Api(request, trans), events: events.stream, page: browserPage(), trans });
  }
};
