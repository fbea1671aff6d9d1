/** Putting cells into the notebook that is open; nothing here runs one. */

import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';
import { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';

const CELLS_MIME = 'application/vnd.jupyter.cells';

/** All code of a notebook. */
export function sourceOf(panel: NotebookPanel): string {
  const cells = panel.model?.sharedModel.cells ?? [];
  return cells
    .filter(cell => cell.cell_type === 'code')
    .map(cell => cell.getSource())
    .join('\n');
}

/** Insert code cells below the active one, and go to the last. */
export function insertBelow(panel: NotebookPanel, sources: readonly string[]): void {
  const notebook: Notebook = panel.content;
  const model = notebook.model?.sharedModel;
  if (!model) {
    return;
  }
  const index = notebook.activeCellIndex + 1;
  model.insertCells(index, sources.map(codeCell));
  notebook.deselectAll();
  notebook.activeCellIndex = index + sources.length - 1;
  void notebook.scrollToItem(notebook.activeCellIndex);
}

/** Drag code out to where a notebook, or a text field, takes it; tells whether one did. */
export async function dragCells(
  sources: readonly string[],
  image: string,
  event: MouseEvent
): Promise<boolean> {
  const mimeData = new MimeData();
  mimeData.setData(CELLS_MIME, sources.map(codeCell));
  mimeData.setData('text/plain', sources.join('\n\n'));
  const dragImage = document.createElement('div');
  dragImage.className = 'jp-gemfiles-DragImage';
  dragImage.textContent = image;
  const drag = new Drag({ mimeData, dragImage, supportedActions: 'copy', proposedAction: 'copy' });
  return (await drag.start(event.clientX, event.clientY)) !== 'none';
}

const codeCell = (source: string) => ({
  cell_type: 'code' as const,
  source,
  metadata: {},
  outputs: [],
  execution_count: null
});
