/** What can be done with the selected files, as a menu. */

import { useEffect, useRef } from 'react';
import type { JSX, KeyboardEvent } from 'react';
import type { IFileAction } from './fileActions';
import { Icon } from './icons';
import { Popup } from './Popup';
import type { IAnchor } from './Popup';

interface IMenu {
  label: string;
  anchor: IAnchor;
  actions: readonly IFileAction[];
  onClose(): void;
}

export function Menu({ label, anchor, actions, onClose }: IMenu): JSX.Element {
  const menu = useRef<HTMLDivElement>(null);
  const itemsOf = () => Array.from(menu.current!.querySelectorAll<HTMLElement>('[role=menuitem]'));

  useEffect(() => {
    itemsOf()[0]?.focus();
    const closeOutside = (event: Event) => {
      if (!menu.current!.contains(event.target as Node)) {
        onClose();
      }
    };
    window.addEventListener('pointerdown', closeOutside, true);
    window.addEventListener('wheel', closeOutside, true);
    return () => {
      window.removeEventListener('pointerdown', closeOutside, true);
      window.removeEventListener('wheel', closeOutside, true);
    };
  }, [onClose]);

  const onKeyDown = (event: KeyboardEvent) => {
    const items = itemsOf();
    const at = items.indexOf(document.activeElement as HTMLElement);
    const next: Record<string, number> = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1
    };
    event.stopPropagation();
    if (event.key in next) {
      event.preventDefault();
      items[next[event.key]].focus();
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      onClose();
    }
  };

  return (
    <Popup anchor={anchor} className="jp-gemfiles-Menu">
      <div ref={menu} role="menu" aria-label={label} onKeyDown={onKeyDown}>
        {actions.map(action => (
          <button
            key={action.id}
            type="button"
            role="menuitem"
            tabIndex={-1}
            className={`jp-gemfiles-Menu-item${action.isDestructive ? ' jp-mod-destructive' : ''}`}
            onClick={() => {
              onClose();
              action.run();
            }}
          >
            <Icon name={action.icon} />
            {action.label}
          </button>
        ))}
      </div>
    </Popup>
  );
}
