/** Python that the panel puts into a notebook; the user runs it. */

import type { IStoredFile } from '../model';

const IMPORT = 'import gemfiles_jupyter as gf';
const LOAD = '%load_ext gemfiles_jupyter';

/** Names that code assigns to. */
export function assignedNames(source: string): Set<string> {
  const matches = source.matchAll(/^[ \t]*([\p{L}_][\p{L}\p{M}\p{N}_]*)[ \t]*=(?!=)/gmu);
  return new Set(Array.from(matches, match => match[1]));
}

/** Which variable each file goes to: its own, else the one suggested or, if the code uses that, one numbered. */
export function chooseVariables(
  files: readonly Pick<IStoredFile, 'variable' | 'suggestion'>[],
  source: string
): string[] {
  const taken = new Set([...assignedNames(source), ...files.map(file => file.variable)]);
  return files.map(({ variable, suggestion }) => {
    const name = variable || firstFree(suggestion, taken);
    taken.add(name);
    return name;
  });
}

function firstFree(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) {
    free = `${name}_${number}`;
  }
  return free;
}

/** Cells that bind files to variables. */
export function variableCells(
  files: readonly IStoredFile[],
  names: readonly string[],
  source: string
): string[] {
  const lines = files.map((file, index) => `${names[index]} = gf.get_file(${quoted(file.name)})`);
  return [[...(source.includes(IMPORT) ? [] : [IMPORT, '']), ...lines].join('\n')];
}

/** A cell that prompts with files, after those that it needs. */
export function promptCells(
  files: readonly IStoredFile[],
  names: readonly string[],
  source: string
): string[] {
  const assigned = assignedNames(source);
  const missing = files.map((_, index) => index).filter(index => !assigned.has(names[index]));
  const pick = <T>(list: readonly T[]) => missing.map(index => list[index]);
  return [
    ...(hasMagics(source) ? [] : [LOAD]),
    ...(missing.length > 0 ? variableCells(pick(files), pick(names), source) : []),
    `%%gemprompt\nSummarise ${enumeration(names.map(name => `{${name}}`))}.`
  ];
}

/** A cell that uploads paths to variables; where that is done or under way already, it sends nothing. */
export function uploadCells(paths: readonly string[], names: readonly string[], source: string): string[] {
  const lines = paths.map((path, index) => `${names[index]} = %gemupload ${shellQuoted(path)}`);
  return [[...(hasMagics(source) ? [] : [LOAD]), ...lines].join('\n')];
}

const hasMagics = (source: string): boolean => /^\s*%load_ext\s+gemfiles_jupyter\b/m.test(source);

/** As a Python string; JSON's escapes are Python's, too. */
const quoted = (text: string): string => JSON.stringify(text);

const shellQuoted = (text: string): string =>
  /^[\p{L}\p{N}_@%+=:,./-]+$/u.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;

const enumeration = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
