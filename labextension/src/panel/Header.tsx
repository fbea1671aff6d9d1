/** Where the files are, how much room they take, and the ways to get more in. */

import { useState } from 'react';
import type { JSX } from 'react';
import type { ISnapshot } from '../model';
import { IconButton, PickButton } from './controls';
import { Icon } from './icons';
import type { IIntake } from './intake';
import { plainText } from './plainText';
import { StorageMeter } from './StorageMeter';
import { useSurroundings } from './surroundings';
import { useTrans } from './trans';

export function Header({ snapshot, intake }: { snapshot: ISnapshot; intake: IIntake }): JSX.Element {
  const trans = useTrans();
  const { model, attempt } = useSurroundings();
  const [isRefreshing, setRefreshing] = useState(false);
  const refresh = () => {
    setRefreshing(true);
    attempt(model.refresh().finally(() => setRefreshing(false)));
  };
  const place = plainText(snapshot.place);
  const tip = snapshot.isOffline
    ? trans.__('Files go to the offline server on this computer, not to Google')
    : trans.__('Files go to %1', place);
  return (
    <div className="jp-gemfiles-Header">
      <div className="jp-gemfiles-Header-line">
        <span className="jp-gemfiles-Place" title={tip}>
          {place}
        </span>
        <IconButton
          icon="refresh"
          label={trans.__('Refresh')}
          aria-busy={isRefreshing}
          disabled={isRefreshing}
          onClick={refresh}
        />
        <PickButton
          accept={intake.accept}
          isMultiple={intake.isMultiple}
          onFiles={intake.take}
          className="jp-gemfiles-Button jp-mod-main"
        >
          <Icon name="upload" />
          {trans.__('Upload')}
        </PickButton>
      </div>
      {snapshot.limit > 0 && <StorageMeter used={snapshot.used} limit={snapshot.limit} />}
    </div>
  );
}
