/** How files of this computer get in: picked or dropped, checked, folders asked about. */

import { useRef, useState } from 'react';
import type { DragEvent } from 'react';
import type { IUploads } from '../model';
import { isAccepted } from './accept';
import { MOST_FILES, gatherDropped } from './dropped';
import type { IDropped } from './dropped';
import { useStable } from './hooks';
import { messageOf } from './surroundings';
import type { ITrans } from './trans';

export interface IIntakeOptions {
  /** Kinds of files that are wanted, as in `<input accept>`; all by default. */
  accept?: string;
  /** Whether more than one at a time is wanted; true by default. */
  multiple?: boolean;
}

export interface IIntake {
  readonly accept: string;
  readonly isMultiple: boolean;
  /** Files are held over the drop zone. */
  readonly isOver: boolean;
  /** Folders were dropped, and the user is to say whether all that is in them is meant. */
  readonly asked: IDropped | null;
  /** Upload files, as far as they are wanted. */
  readonly take: (files: readonly File[]) => void;
  readonly answer: (isYes: boolean) => void;
  /** To be spread on what is to be the drop zone. */
  readonly dropZone: {
    onDragEnter(event: DragEvent): void;
    onDragOver(event: DragEvent): void;
    onDragLeave(event: DragEvent): void;
    onDrop(event: DragEvent): void;
  };
}

/** `warn` shows what was not taken, and why. */
export function useIntake(
  model: IUploads,
  { accept = '', multiple = true }: IIntakeOptions,
  warn: (message: string) => void,
  trans: ITrans
): IIntake {
  const [isOver, setOver] = useState(false);
  const [asked, setAsked] = useState<IDropped | null>(null);
  const depth = useRef(0); // enter and leave come in pairs for each element below the pointer

  const take = useStable((files: readonly File[]) => {
    const wanted = files.filter(file => isAccepted(file, accept));
    const taken = multiple ? wanted : wanted.slice(0, 1);
    if (wanted.length < files.length) {
      const count = files.length - wanted.length;
      warn(
        trans._n('1 file is not taken here: only %2', '%1 files are not taken here: only %2', count, accept)
      );
    } else if (taken.length < wanted.length) {
      warn(trans.__('One file at a time is taken here: only %1 is uploaded', taken[0].name));
    }
    if (taken.length > 0) {
      model.upload(taken);
    }
  });

  const over = (isNow: boolean) => {
    depth.current = isNow ? depth.current : 0;
    setOver(isNow);
  };

  const drop = async (data: DataTransfer) => {
    try {
      const dropped = await gatherDropped(data);
      if (dropped.isTooMuch) {
        warn(
          trans.__(
            'That is more than %1 files. Drop fewer, or upload the folder from a notebook.',
            MOST_FILES
          )
        );
      } else if (dropped.folders.length > 0) {
        setAsked(dropped);
      } else {
        take(dropped.files);
      }
    } catch (error) {
      warn(trans.__('What was dropped could not be read: %1', messageOf(error)));
    }
  };

  return {
    accept,
    isMultiple: multiple,
    isOver,
    asked,
    take,
    answer: isYes => {
      if (isYes) {
        take(asked!.files);
      }
      setAsked(null);
    },
    dropZone: {
      onDragEnter: event => {
        if (holdsFiles(event)) {
          depth.current += 1;
          over(true);
        }
      },
      onDragOver: event => {
        if (holdsFiles(event)) {
          event.preventDefault();
          event.stopPropagation();
          event.dataTransfer.dropEffect = 'copy';
        }
      },
      onDragLeave: event => {
        if (holdsFiles(event)) {
          depth.current -= 1;
          over(depth.current > 0);
        }
      },
      onDrop: event => {
        if (holdsFiles(event)) {
          event.preventDefault();
          event.stopPropagation();
          over(false);
          void drop(event.dataTransfer);
        }
      }
    }
  };
}

const holdsFiles = (event: DragEvent): boolean => Array.from(event.dataTransfer.types).includes('Files');
