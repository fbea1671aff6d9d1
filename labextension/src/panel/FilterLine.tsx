/** Filter as you type; the sorting too where there are no columns to click. */

import type { JSX, RefObject } from 'react';
import { IconButton } from './controls';
import { Icon } from './icons';
import type { ISorting } from './ordering';
import { SortChoice } from './Sorting';
import { useTrans } from './trans';

interface IFilterLine {
  input: RefObject<HTMLInputElement>;
  query: string;
  onQuery(query: string): void;
  /** The arrow key down leaves the filter for the list. */
  onLeave(): void;
  sorting: ISorting;
  onSort(sorting: ISorting): void;
  isNarrow: boolean;
}

export function FilterLine(props: IFilterLine): JSX.Element {
  const trans = useTrans();
  return (
    <div className="jp-gemfiles-FilterLine">
      <span className="jp-gemfiles-Filter">
        <Icon name="filter" />
        <input
          ref={props.input}
          type="text"
          role="searchbox"
          placeholder={trans.__('Filter files')}
          aria-label={trans.__('Filter files')}
          aria-keyshortcuts="/"
          spellCheck={false}
          value={props.query}
          onChange={event => props.onQuery(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Escape' && props.query) {
              event.stopPropagation();
              props.onQuery('');
            } else if (event.key === 'ArrowDown') {
              event.preventDefault();
              props.onLeave();
            }
          }}
        />
        {props.query && (
          <IconButton icon="cross" label={trans.__('Clear filter')} onClick={() => props.onQuery('')} />
        )}
      </span>
      {props.isNarrow && <SortChoice sorting={props.sorting} onSort={props.onSort} />}
    </div>
  );
}
