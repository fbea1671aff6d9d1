/** What stands where files will be: nothing yet, still loading, or what is in the way. */

import type { JSX } from 'react';
import type { ISnapshot } from '../model';
import { PickButton } from './controls';
import type { IIntake } from './intake';
import { useTrans } from './trans';

export function Welcome({ snapshot, intake }: { snapshot: ISnapshot; intake: IIntake }): JSX.Element {
  const trans = useTrans();
  if (snapshot.isLoading) {
    return <div className="jp-gemfiles-Empty">{trans.__('Loading files …')}</div>;
  }
  return (
    <div className="jp-gemfiles-Empty">
      <p className="jp-gemfiles-Empty-lead">
        {trans.__('Drop a file here, or')}{' '}
        <PickButton
          accept={intake.accept}
          isMultiple={intake.isMultiple}
          onFiles={intake.take}
          className="jp-gemfiles-LinkButton"
        >
          {trans.__('choose files')}
        </PickButton>
      </p>
      <p>{trans.__('Files stay for 48 hours, then the service deletes them.')}</p>
      {snapshot.isOffline && (
        <p>
          {trans.__('This runs against the offline server: no key needed, nothing leaves this computer.')}{' '}
          {trans.__('To use Gemini, set a key in GOOGLE_API_KEY and start again.')}
        </p>
      )}
    </div>
  );
}
