/** How the list is sorted: heads of columns where there are columns, a choice where there are none. */

import type { JSX } from 'react';
import { IconButton } from './controls';
import { Icon } from './icons';
import type { ISorting, SortKey } from './ordering';
import type { ITrans } from './trans';
import { useTrans } from './trans';

interface ISortingProps {
  sorting: ISorting;
  onSort(sorting: ISorting): void;
}

/** The first row of the grid. */
export function ColumnHeads({ sorting, onSort }: ISortingProps): JSX.Element {
  const trans = useTrans();
  const names = sortNames(trans);
  const head = (key: SortKey, className: string) => {
    const isSorted = sorting.key === key;
    return (
      <div
        role="columnheader"
        className={className}
        aria-sort={isSorted ? (sorting.isDescending ? 'descending' : 'ascending') : undefined}
      >
        <button
          type="button"
          className="jp-gemfiles-Head-button"
          onClick={() => onSort({ key, isDescending: isSorted && !sorting.isDescending })}
        >
          {names[key]}
          {isSorted && <Icon name={sorting.isDescending ? 'down' : 'up'} />}
        </button>
      </div>
    );
  };
  return (
    <div role="row" className="jp-gemfiles-Head" aria-rowindex={1}>
      <div role="columnheader" className="jp-gemfiles-Cell-mark" aria-label={trans.__('Type')} />
      {head('name', 'jp-gemfiles-Cell-label')}
      {head('size', 'jp-gemfiles-Cell-size')}
      {head('age', 'jp-gemfiles-Cell-age')}
      <div role="columnheader" className="jp-gemfiles-Cell-state">
        {trans.__('State')}
      </div>
      {head('left', 'jp-gemfiles-Cell-left')}
      <div role="columnheader" className="jp-gemfiles-Cell-variable">
        {trans.__('Variable')}
      </div>
      <div role="columnheader" className="jp-gemfiles-Cell-menu" aria-label={trans.__('Actions')} />
    </div>
  );
}

/** The same choice in little room. */
export function SortChoice({ sorting, onSort }: ISortingProps): JSX.Element {
  const trans = useTrans();
  const names = sortNames(trans);
  return (
    <span className="jp-gemfiles-SortChoice">
      <select
        aria-label={trans.__('Sort by')}
        value={sorting.key}
        onChange={event => onSort({ key: event.target.value as SortKey, isDescending: false })}
      >
        {(Object.keys(names) as SortKey[]).map(key => (
          <option key={key} value={key}>
            {names[key]}
          </option>
        ))}
      </select>
      <IconButton
        icon={sorting.isDescending ? 'down' : 'up'}
        label={sorting.isDescending ? trans.__('Sort ascending') : trans.__('Sort descending')}
        onClick={() => onSort({ ...sorting, isDescending: !sorting.isDescending })}
      />
    </span>
  );
}

const sortNames = (trans: ITrans): Record<SortKey, string> => ({
  name: trans.__('Name'),
  size: trans.__('Size'),
  age: trans.__('Age'),
  left: trans.__('Time left')
});
