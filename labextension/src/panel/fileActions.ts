/** What can be done with some files: one list for the row menu, the context menu and the tool bar. */

import type { IStoredFile } from '../model';
import type { IconName } from './icons';
import { isExpiringSoon } from './lifetime';
import type { ISurroundings } from './surroundings';
import type { ITrans } from './trans';

export interface IFileAction {
  readonly id: string;
  readonly label: string;
  readonly icon: IconName;
  readonly isDestructive?: boolean;
  run(): void;
}

interface IQuestions {
  /** Begin to edit the variable of a file. */
  rename(file: IStoredFile): void;
  /** Ask whether files are to be deleted. */
  askDelete(): void;
}

/** List what can be done; what the surroundings do not offer is absent. */
export function fileActions(
  files: readonly IStoredFile[],
  serviceNow: number,
  { model, host, attempt, confirm }: ISurroundings,
  questions: IQuestions,
  trans: ITrans
): IFileAction[] {
  const count = files.length;
  const renewable = files.filter(file => file.isRenewable && isExpiringSoon(file, serviceNow));
  const copy = async () => {
    await host.copy(files.map(file => file.uri).join('\n'));
    confirm(trans._n('URI copied', '%1 URIs copied', count));
  };
  const renew = () => Promise.all(renewable.map(file => model.renew(file.name)));
  const actions: (IFileAction | false | undefined)[] = [
    host.insertVariables && {
      id: 'variables',
      icon: 'variables',
      label: trans._n('Insert variable', 'Insert %1 variables', count),
      run: () => host.insertVariables!(files)
    },
    host.insertPrompt && {
      id: 'prompt',
      icon: 'prompt',
      label: trans.__('Insert prompt cell'),
      run: () => host.insertPrompt!(files)
    },
    host.insertCode && {
      id: 'code',
      icon: 'code',
      label: trans.__('Insert google-genai code'),
      run: () => attempt(host.insertCode!(files))
    },
    host.copyPrompt && {
      id: 'copy-prompt',
      icon: 'prompt',
      label: trans.__('Copy prompt cell'),
      run: () => attempt(host.copyPrompt!(files).then(() => confirm(trans.__('Cell copied'))))
    },
    host.copyCode && {
      id: 'copy-code',
      icon: 'code',
      label: trans.__('Copy google-genai code'),
      run: () => attempt(host.copyCode!(files).then(() => confirm(trans.__('Code copied'))))
    },
    {
      id: 'copy',
      icon: 'copy',
      label: trans._n('Copy URI', 'Copy %1 URIs', count),
      run: () => attempt(copy())
    },
    count === 1 && {
      id: 'rename',
      icon: 'rename',
      label: files[0].variable ? trans.__('Rename variable') : trans.__('Set variable'),
      run: () => questions.rename(files[0])
    },
    renewable.length > 0 && {
      id: 'renew',
      icon: 'renew',
      label: trans._n('Send again from its source', 'Send %1 again from their sources', renewable.length),
      run: () => attempt(renew())
    },
    {
      id: 'delete',
      icon: 'delete',
      label: trans._n('Delete', 'Delete %1 files', count),
      isDestructive: true,
      run: questions.askDelete
    }
  ];
  return actions.filter(action => !!action);
}
